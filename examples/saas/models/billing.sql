/* ---
description: What a person's workspace pays and owes; the workspace's revenue is shared out over its seats
entity: user
materialize: table
--- */
with memberships as (
  select profile_id, arg_max(group_id, "timestamp") as account_id
  from stitched.groups
  where profile_id is not null
  group by profile_id
),
payers as (
  -- Who pays belongs to the workspace even if the app has not seen them for long.
  select profile_id, min(metadata_account_id) as account_id
  from stitched.billing_customers
  where profile_id is not null and not is_deleted
  group by profile_id
),
people as (
  select coalesce(m.profile_id, p.profile_id) as profile_id, coalesce(m.account_id, p.account_id) as account_id
  from memberships m
  full join payers p on p.profile_id = m.profile_id
),
customers as (
  select id as customer_id, metadata_account_id as account_id, cast(created as timestamptz) as customer_since
  from billing.customers
  where not is_deleted
  qualify row_number() over (partition by metadata_account_id order by created desc, id) = 1
),
subscriptions as (
  select
    id as subscription_id,
    customer_id,
    status,
    cast(trial_end as timestamptz) as trial_end,
    cast(current_period_end as timestamptz) as current_period_end,
    cancel_at_period_end
  from billing.subscriptions
  qualify row_number() over (partition by customer_id order by created desc, id) = 1
),
seat_prices as (
  -- Minor units a seat and period to major units a seat and month.
  select
    i.subscription_id,
    sum(p.unit_amount / 100.0 / p.recurring_interval_count / case p.recurring_interval when 'year' then 12 else 1 end)
      as mrr_per_seat
  from billing.subscription_items i
  join billing.prices p on p.id = i.plan_id
  group by i.subscription_id
),
failures as (
  select customer_id, count(*) as failed_payments_30d
  from billing.charges
  where status = 'failed'
    and cast(created as timestamptz) > now() - interval 30 day
    and cast(created as timestamptz) <= now()
  group by customer_id
),
debts as (
  select customer_id, count(*) as unpaid_invoices, sum(amount_remaining) / 100.0 as amount_owed
  from billing.invoices
  where status = 'open'
  group by customer_id
)
select
  people.profile_id,
  people.account_id,
  c.customer_since,
  s.status as subscription_status,
  case when s.status in ('active', 'past_due') then round(coalesce(sp.mrr_per_seat, 0), 2) else 0 end as mrr,
  s.trial_end,
  s.current_period_end,
  coalesce(s.cancel_at_period_end, false) as cancel_at_period_end,
  coalesce(f.failed_payments_30d, 0) as failed_payments_30d,
  coalesce(d.unpaid_invoices, 0) as unpaid_invoices,
  coalesce(d.amount_owed, 0) as amount_owed
from people
left join customers c on c.account_id = people.account_id
left join subscriptions s on s.customer_id = c.customer_id
left join seat_prices sp on sp.subscription_id = s.subscription_id
left join failures f on f.customer_id = c.customer_id
left join debts d on d.customer_id = c.customer_id
