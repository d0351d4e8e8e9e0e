/* ---
send: [facebook_ads]
--- */
select profile_id from profiles
