/* ---
description: Paying people whose use fell by half, or who cannot or will not pay on
refresh: 15m
send:
  facebook_ads: { audience: Harbor at risk, consent: advertising }
  crm_mail: { tag: at_risk, consent: email }
--- */
select profile_id
from profiles
where mrr > 0
  and churn_score >= 40
