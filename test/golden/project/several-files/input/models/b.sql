/* ---
entity: team
--- */
select profile_id from profiles
