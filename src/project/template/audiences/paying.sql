/* ---
description: Customers who pay
send:
  facebook_ads: { audience: paying }
  crm_mail: { tag: paying }
--- */
select profile_id, email from profiles where mrr > 0
