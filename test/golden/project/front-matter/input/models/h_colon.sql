/* ---
description: paying: yes
--- */
select profile_id from profiles
