select profile_id from profiles
