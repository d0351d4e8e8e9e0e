/* ---
description: a
owner: x /* y
--- */
select profile_id from profiles
