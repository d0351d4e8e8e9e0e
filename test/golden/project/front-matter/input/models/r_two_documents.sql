/* ---
owner: a
---
owner: b
--- */
select profile_id from profiles
