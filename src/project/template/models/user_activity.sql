/* ---
description: What each profile pays, and whether it was ever seen
entity: user          # each row is a profile, each further column a trait
--- */
with billing as (
  select profile_id, max(plan) as plan, cast(sum(mrr) as double precision) as mrr
  from stitched.billing_customers
  where profile_id is not null
  group by profile_id
)
select
  p.profile_id,
  b.plan,
  coalesce(b.mrr, 0) as mrr,
  p.last_seen is not null as was_seen
from identity.profiles p
left join billing b on b.profile_id = p.profile_id
