/* ---
description: Support cases of a person, whichever of their CRM contacts they came from
entity: user
materialize: table
--- */
select
  c.profile_id,
  count(*) filter (where not s.is_closed) as open_cases,
  count(*) filter (where not s.is_closed and s.is_escalated) as escalated_cases,
  count(*) filter (where cast(s.created_date as timestamptz) > now() - interval 30 day) as cases_30d,
  max(cast(s.created_date as timestamptz)) as last_case_at
from crm.cases s
join stitched.crm_contacts c on c.id = s.contact_id
where c.profile_id is not null and cast(s.created_date as timestamptz) <= now()
group by c.profile_id
