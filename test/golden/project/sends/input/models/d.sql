/* ---
send: { facebook_ads: yes }
--- */
select profile_id from profiles
