/* ---
description: a
send:
	ads: {}
--- */
select profile_id from profiles
