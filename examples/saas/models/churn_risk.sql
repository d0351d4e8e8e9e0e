/* ---
description: How likely a paying person is to leave, from 0 to 100, and the strongest reason
entity: user
materialize: table
--- */
with signals as (
  select
    b.profile_id,
    -- Too little use to compare says nothing.
    case
      when coalesce(u.events_14d_before, 0) < 8 then 0
      else greatest(0, 1 - u.events_14d / u.events_14d_before)
    end as use_lost,
    b.unpaid_invoices,
    b.failed_payments_30d,
    b.cancel_at_period_end,
    coalesce(s.open_cases, 0) as open_cases
  from models.billing b
  left join models.usage u on u.profile_id = b.profile_id
  left join models.support s on s.profile_id = b.profile_id
  where b.mrr > 0
),
points as (
  select
    profile_id,
    use_lost,
    case when use_lost >= 0.5 then round(50 * use_lost) else 0 end as for_use,
    case when unpaid_invoices > 0 then 40 when failed_payments_30d > 0 then 10 else 0 end as for_payment,
    case when cancel_at_period_end then 40 else 0 end as for_notice,
    case when open_cases > 0 then 15 else 0 end as for_support
  from signals
)
select
  profile_id,
  cast(least(100, for_use + for_payment + for_notice + for_support) as integer) as churn_score,
  case greatest(for_use, for_payment, for_notice, for_support)
    when 0 then null
    when for_notice then 'gave notice'
    when for_payment then 'payment failed'
    when for_use then 'use fell by ' || cast(round(100 * use_lost) as integer) || ' %'
    else 'open support case'
  end as churn_reason
from points
