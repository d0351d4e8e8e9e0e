/* ---
tags: &t [a]
owner: *t
--- */
select profile_id from profiles
