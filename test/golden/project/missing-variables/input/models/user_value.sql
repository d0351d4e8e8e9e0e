/* ---
description: "What a user is worth: in euro"
entity: user
materialize: view
dialect: postgres
owner: growth team
tags: [finance, daily]
refresh: 2h
send:
  crm_mail: { mode: upsert, list: main, mapping: { FNAME: first_name }, double_opt_in: false, interval: 3 }
--- */
select profile_id, 1 as value from identity.profiles
