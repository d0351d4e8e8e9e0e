/* ---
owner: !!person ann
--- */
select profile_id from profiles
