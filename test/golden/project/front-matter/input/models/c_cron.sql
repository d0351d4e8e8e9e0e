/* ---
description: a
refresh: "*/5 * * * *"
--- */
select 1
