/* ---
description: a
owner: x
description: b
materialise: view
--- */
select profile_id from profiles
