/* ---
description: Who a person is and what they allow, as last said in the app, else in the CRM
entity: user
materialize: table
--- */
with app as (
  -- arg_max takes the latest value that is there: null says nothing new.
  select
    profile_id,
    arg_max(first_name, "timestamp") as first_name,
    arg_max(last_name, "timestamp") as last_name,
    arg_max(title, "timestamp") as title,
    arg_max(plan, "timestamp") as plan,
    arg_max(role, "timestamp") as role,
    arg_max(consent_advertising, "timestamp") as consent_advertising,
    arg_max(consent_email, "timestamp") as consent_email,
    min(created_at) as signed_up_at
  from stitched.identifies
  where profile_id is not null
  group by profile_id
),
crm as (
  select
    profile_id,
    min(id) as crm_contact_id,
    min(first_name) as first_name,
    min(nullif(last_name, '(unknown)')) as last_name,
    max(title) as title
  from stitched.crm_contacts
  where profile_id is not null and not is_deleted
  group by profile_id
)
select
  coalesce(app.profile_id, crm.profile_id) as profile_id,
  coalesce(app.first_name, crm.first_name) as first_name,
  coalesce(app.last_name, crm.last_name) as last_name,
  coalesce(app.title, crm.title) as title,
  app.plan,
  app.role,
  app.signed_up_at,
  app.consent_advertising,
  app.consent_email,
  crm.crm_contact_id
from app
full join crm on crm.profile_id = app.profile_id
