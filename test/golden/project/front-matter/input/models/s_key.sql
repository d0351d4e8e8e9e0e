/* ---
? [a]
: b
__proto__: { x: 1 }
--- */
select profile_id from profiles
