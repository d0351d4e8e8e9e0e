/* ---
materialise: view
schedule: 1h
--- */
select profile_id from profiles
