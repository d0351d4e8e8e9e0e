/* ---
send: { ads: {} }
referesh: 1h
--- */
select profile_id from profiles
