
/*---
description: May leave
send:
  facebook_ads:
    mode: mirror
    consent: advertising
    allow_stale: true
    guards: { max_removed_percent: 12.50, max_removed: 100, allow_empty: true }
    audience: At risk
  later:
---*/
select profile_id from profiles
