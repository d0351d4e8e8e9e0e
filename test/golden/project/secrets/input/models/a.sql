/* ---
entity: ${S}
refresh: ${S}
materialize: x${S}
send: { "${S}": { mode: "${S}", consent: "${S}" } }
--- */
select profile_id from profiles
