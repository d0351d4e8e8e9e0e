/* ---
description: Paying people who work in Harbor nearly every working day
refresh: 1h
send:
  facebook_ads: { audience: Harbor power users, consent: advertising }
--- */
select profile_id
from profiles
where mrr > 0
  and active_days_28d >= 12
  and tasks_completed_28d >= 15
  and churn_score < 40
