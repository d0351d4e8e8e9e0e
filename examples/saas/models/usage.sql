/* ---
description: How much a person used Harbor in the last two weeks, the two before, and four in all
entity: user
materialize: table
--- */
with activity as (
  select profile_id, "timestamp" as seen_at, event from stitched.tracks
  union all
  select profile_id, "timestamp" as seen_at, 'view' as event from stitched.pages
  union all
  select profile_id, "timestamp" as seen_at, 'view' as event from stitched.screens
),
recent as (
  select
    profile_id,
    seen_at,
    event,
    seen_at > now() - interval 14 day as is_last_14d,
    -- Half an hour of silence begins a new session.
    coalesce(seen_at > lag(seen_at) over (partition by profile_id order by seen_at) + interval 30 minute, true) as begins_session
  from activity
  where profile_id is not null and seen_at > now() - interval 28 day and seen_at <= now()
)
select
  profile_id,
  count(*) filter (where is_last_14d) as events_14d,
  count(*) filter (where not is_last_14d) as events_14d_before,
  count(*) filter (where begins_session and is_last_14d) as sessions_14d,
  count(*) filter (where begins_session and not is_last_14d) as sessions_14d_before,
  count(distinct cast(seen_at as date)) as active_days_28d,
  count(*) filter (where event = 'task_completed') as tasks_completed_28d,
  max(seen_at) as last_active_at
from recent
group by profile_id
