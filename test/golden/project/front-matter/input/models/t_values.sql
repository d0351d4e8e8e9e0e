/* ---
entity: acount
materialize: veiw
refresh: 1d at 06:00
tags: finance
owner: 5
description: 2026
--- */
select profile_id from profiles
