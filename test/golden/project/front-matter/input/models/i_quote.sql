/* ---
description: "no end
--- */
select profile_id from profiles
