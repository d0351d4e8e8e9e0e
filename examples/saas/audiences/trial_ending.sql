/* ---
description: People whose workspace's trial ends within a week
refresh: 1h
send:
  crm_mail: { tag: trial_ending, consent: email }
--- */
select profile_id
from profiles
where subscription_status = 'trialing'
  and trial_end > now()
  and trial_end <= now() + interval 7 day
