/* ---
send:
  facebook_ads: { mode: append, maping: { a: b }, mapping: [x], consent: Ads!, allow_stale: maybe, guards: { max_removed_percent: 101, max_removed: -1, allow_empty: 3 }, tag: }
--- */
select profile_id from profiles
