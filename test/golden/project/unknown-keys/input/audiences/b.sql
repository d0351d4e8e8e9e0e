/* ---
materialize: view
send:
  ads: { guards: { max_remove: 3 }, tag: x }
--- */
select profile_id from profiles
