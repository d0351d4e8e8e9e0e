/* ---
send:
  facebok_ads: { audience: a }
  broken: {}
  constructor: {}
--- */
select profile_id from profiles
