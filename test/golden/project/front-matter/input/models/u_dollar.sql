/* ---
owner: ${nothing here
--- */
select profile_id from profiles
