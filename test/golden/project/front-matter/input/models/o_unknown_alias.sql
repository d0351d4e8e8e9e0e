/* ---
owner: *t
--- */
select profile_id from profiles
