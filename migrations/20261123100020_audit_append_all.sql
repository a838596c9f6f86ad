-- Several entries at once: the head is read and written once, and its lock is short.
--
-- Entry i has `actions[i]` and the next `counts[i]` of `records`. The hashes are those of
-- `audit.append`, which processes of before still call.
CREATE FUNCTION audit.append_all(
    caller text, request_id text, actions text[], counts integer[], records uuid[])
  RETURNS void
  LANGUAGE plpgsql
  SET search_path = ''
  AS $$
  DECLARE
    org      uuid := app.current_org();
    now_at   timestamptz;
    next_seq bigint;
    own      bytea;
    before   bytea;
    told     uuid[];
    said     integer := 0;
  BEGIN
    SELECT head.seq, head.hash INTO next_seq, own
      FROM audit.head WHERE head.org_id = org FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO audit.head (org_id, seq, hash) VALUES (org, 0, decode(repeat('00', 32), 'hex'))
        ON CONFLICT (org_id) DO NOTHING;
      SELECT head.seq, head.hash INTO STRICT next_seq, own
        FROM audit.head WHERE head.org_id = org FOR UPDATE;
    END IF;
    FOR i IN 1 .. cardinality(actions) LOOP
      told := records[said + 1 : said + counts[i]];
      said := said + counts[i];
      next_seq := next_seq + 1;
      before := own;
      -- Whole microseconds, which is what the column keeps.
      now_at := clock_timestamp();
      own := sha256(before || convert_to(concat_ws(E'\n', org, next_seq,
        (extract(epoch FROM now_at) * 1000000)::bigint, caller, request_id, actions[i],
        array_to_string(told, ',')), 'UTF8'));
      INSERT INTO audit.entry VALUES
        (org, next_seq, now_at, caller, request_id, actions[i], told, before, own);
    END LOOP;
    UPDATE audit.head SET seq = next_seq, hash = own WHERE head.org_id = org;
  END $$;
