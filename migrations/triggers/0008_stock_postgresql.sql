-- The stock ledger's guards on PostgreSQL; statements are parted by lines that say: next.

CREATE FUNCTION stock_refuse(rule text, entry bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: entry %', rule, entry
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = rule;
END $$

-- next

CREATE FUNCTION stock_entry_fold() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
    touched bigint;
    chains bigint;
BEGIN
    SELECT link.id INTO wrong
      FROM (SELECT e.id, e.upt_id, e.sequence, e.previous_hash,
                   lag(e.sequence) OVER chain AS before_sequence,
                   lag(e.hash) OVER chain AS before_hash
              FROM fresh e
            WINDOW chain AS (PARTITION BY e.upt_id ORDER BY e.sequence)) link
      LEFT JOIN stock_head h ON h.upt_id = link.upt_id
     WHERE link.sequence IS DISTINCT FROM coalesce(link.before_sequence, h.sequence) + 1
        OR link.previous_hash IS DISTINCT FROM coalesce(link.before_hash, h.hash)
     LIMIT 1;
    IF FOUND THEN PERFORM stock_refuse('stock_chain', wrong); END IF;

    IF EXISTS (SELECT FROM fresh WHERE hold_id IS NOT NULL) THEN
        SELECT f.id INTO wrong
          FROM fresh f LEFT JOIN stock_hold h ON h.entry_id = f.hold_id
         WHERE f.hold_id IS NOT NULL
           AND NOT coalesce(
               h.upt_id = f.upt_id AND h.variant_id = f.variant_id AND h.lot_id = f.lot_id
               AND CASE
                   WHEN f.phase = 'move' THEN
                       h.state = 'posted' AND f.from_account = h.to_account
                       AND f.quantity = h.quantity_posted
                   ELSE
                       h.state = 'open' AND f.from_account = h.from_account
                       AND f.to_account = h.to_account AND f.quantity <= h.quantity
                       AND (f.phase = 'post' OR f.quantity = h.quantity)
                   END, false)
         LIMIT 1;
        IF FOUND THEN PERFORM stock_refuse('stock_hold_closed', wrong); END IF;
    END IF;

    IF EXISTS (SELECT FROM fresh WHERE reverses_id IS NOT NULL) THEN
        SELECT f.id INTO wrong
          FROM fresh f LEFT JOIN stock_entry o ON o.id = f.reverses_id
         WHERE f.reverses_id IS NOT NULL
           AND NOT coalesce(
               o.upt_id = f.upt_id AND o.variant_id = f.variant_id AND o.lot_id = f.lot_id
               AND o.from_account = f.to_account AND o.to_account = f.from_account
               AND f.quantity <= o.quantity AND o.phase IN ('move', 'post')
               AND o.reverses_id IS NULL, false)
         LIMIT 1;
        IF FOUND THEN PERFORM stock_refuse('stock_reversal', wrong); END IF;
    END IF;

    INSERT INTO stock_balance
    SELECT f.upt_id, f.variant_id, f.lot_id, side.account, 0, 0, 0, 0
      FROM fresh f CROSS JOIN LATERAL (VALUES (f.from_account), (f.to_account)) side (account)
     WHERE f.phase IN ('move', 'hold')
     ORDER BY 1, 2, 3, 4
    ON CONFLICT DO NOTHING;

    UPDATE stock_balance b
       SET in_posted = b.in_posted + delta.in_posted,
           out_posted = b.out_posted + delta.out_posted,
           in_pending = b.in_pending + delta.in_pending,
           out_pending = b.out_pending + delta.out_pending
      FROM (SELECT f.upt_id, f.variant_id, f.lot_id, side.account,
                   sum(side.is_to * f.posted) AS in_posted,
                   sum((1 - side.is_to) * f.posted) AS out_posted,
                   sum(side.is_to * f.pending) AS in_pending,
                   sum((1 - side.is_to) * f.pending) AS out_pending
              FROM (SELECT e.upt_id, e.variant_id, e.lot_id, e.from_account, e.to_account,
                           CASE WHEN e.phase IN ('move', 'post') THEN e.quantity ELSE 0 END
                               AS posted,
                           CASE e.phase WHEN 'hold' THEN e.quantity
                                        WHEN 'void' THEN -e.quantity
                                        WHEN 'post' THEN
                               -(SELECT h.quantity FROM stock_hold h
                                  WHERE h.entry_id = e.hold_id)
                                        ELSE 0 END AS pending
                      FROM fresh e WHERE e.phase <> 'keep') f
             CROSS JOIN LATERAL
                   (VALUES (f.from_account, 0), (f.to_account, 1)) side (account, is_to)
             GROUP BY 1, 2, 3, 4) delta
     WHERE b.upt_id = delta.upt_id AND b.variant_id = delta.variant_id
       AND b.lot_id = delta.lot_id AND b.account = delta.account;

    INSERT INTO stock_hold
    SELECT f.id, f.upt_id, f.variant_id, f.lot_id, f.from_account, f.to_account, f.quantity,
           0, f.expires_at, 'open'
      FROM fresh f WHERE f.phase = 'hold' ORDER BY f.id;

    IF EXISTS (SELECT FROM fresh WHERE phase IN ('post', 'void', 'keep')) THEN
        UPDATE stock_hold h
           SET state = CASE WHEN f.phase = 'post' THEN 'posted'
                            WHEN f.phase = 'keep' THEN 'open'
                            WHEN f.kind = 'expired' THEN 'expired' ELSE 'voided' END,
               quantity_posted = CASE WHEN f.phase = 'post' THEN f.quantity ELSE 0 END,
               expires_at = CASE WHEN f.phase = 'keep' THEN f.expires_at
                                 ELSE h.expires_at END
          FROM fresh f
         WHERE h.entry_id = f.hold_id AND f.phase IN ('post', 'void', 'keep');
    END IF;

    UPDATE stock_head h
       SET sequence = tail.sequence, hash = tail.hash, written_at = tail.written_at
      FROM (SELECT DISTINCT ON (f.upt_id) f.upt_id, f.sequence, f.hash, f.written_at,
                   count(*) OVER (PARTITION BY f.upt_id) AS added
              FROM fresh f ORDER BY f.upt_id, f.sequence DESC) tail
     WHERE h.upt_id = tail.upt_id AND h.sequence = tail.sequence - tail.added;
    GET DIAGNOSTICS touched = ROW_COUNT;
    SELECT count(DISTINCT upt_id) INTO chains FROM fresh;
    IF touched <> chains THEN PERFORM stock_refuse('stock_chain', 0); END IF;
    RETURN NULL;
END $$

-- next

CREATE TRIGGER stock_entry_fold AFTER INSERT ON stock_entry
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION stock_entry_fold()

-- next

CREATE TRIGGER stock_entry_append_only BEFORE UPDATE OR DELETE ON stock_entry
    FOR EACH ROW EXECUTE FUNCTION karyabina_refuse_change()

-- next

CREATE TRIGGER stock_entry_no_truncate BEFORE TRUNCATE ON stock_entry
    FOR EACH STATEMENT EXECUTE FUNCTION karyabina_refuse_change()
