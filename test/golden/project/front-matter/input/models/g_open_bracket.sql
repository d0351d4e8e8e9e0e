/* ---
description: a
tags: [a, b
--- */
select profile_id from profiles
