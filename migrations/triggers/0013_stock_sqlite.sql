-- The fold of the stock ledger on SQLite, with the places of migration 0013.

CREATE TRIGGER stock_entry_fold AFTER INSERT ON stock_entry BEGIN
    SELECT RAISE(ABORT, 'stock_chain: the entry does not continue the chain')
     WHERE NOT EXISTS (
        SELECT 1 FROM stock_head WHERE upt_id = NEW.upt_id
           AND sequence = NEW.sequence - 1 AND hash = NEW.previous_hash);
    SELECT RAISE(ABORT, 'stock_hold_closed: the hold is not open')
     WHERE NEW.hold_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM stock_hold h WHERE h.entry_id = NEW.hold_id
           AND h.upt_id = NEW.upt_id AND h.variant_id = NEW.variant_id
           AND h.lot_id = NEW.lot_id
           AND CASE WHEN NEW.phase = 'move' THEN
                   h.state = 'posted' AND NEW.from_account = h.to_account
                   AND NEW.quantity = h.quantity_posted
               ELSE
                   h.state = 'open' AND NEW.from_account = h.from_account
                   AND NEW.to_account = h.to_account AND NEW.quantity <= h.quantity
                   AND (NEW.phase = 'post' OR NEW.quantity = h.quantity)
               END);
    SELECT RAISE(ABORT, 'stock_reversal: the entry cannot be reversed')
     WHERE NEW.reverses_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM stock_entry o WHERE o.id = NEW.reverses_id
           AND o.upt_id = NEW.upt_id AND o.variant_id = NEW.variant_id
           AND o.lot_id = NEW.lot_id AND o.from_account = NEW.to_account
           AND o.to_account = NEW.from_account AND NEW.quantity <= o.quantity
           AND o.phase IN ('move', 'post') AND o.reverses_id IS NULL);
    SELECT RAISE(ABORT, 'ck_stock_balance_guarded: not enough pieces')
     WHERE NEW.phase IN ('move', 'hold')
       AND NEW.from_account NOT IN ('production', 'opening', 'supplier', 'customer', 'loss',
                                    'found', 'sample', 'consumed', 'other_upt', 'plan')
       AND coalesce((SELECT in_posted - out_posted - out_pending FROM stock_balance
         WHERE upt_id = NEW.upt_id AND variant_id = NEW.variant_id AND lot_id = NEW.lot_id
           AND account = NEW.from_account), 0) < NEW.quantity;

    INSERT INTO stock_balance
    SELECT NEW.upt_id, NEW.variant_id, NEW.lot_id, NEW.from_account, 0, 0, 0, 0
     WHERE NEW.phase IN ('move', 'hold')
       AND NOT EXISTS (SELECT 1 FROM stock_balance WHERE upt_id = NEW.upt_id AND variant_id = NEW.variant_id AND lot_id = NEW.lot_id
          AND account = NEW.from_account);
    UPDATE stock_balance
       SET out_posted = out_posted + (CASE WHEN NEW.phase IN ('move', 'post') THEN NEW.quantity ELSE 0 END),
           out_pending = out_pending + (CASE NEW.phase WHEN 'hold' THEN NEW.quantity WHEN 'void' THEN -NEW.quantity
            WHEN 'post' THEN -(SELECT quantity FROM stock_hold WHERE entry_id = NEW.hold_id) ELSE 0 END)
     WHERE NEW.phase <> 'keep' AND upt_id = NEW.upt_id AND variant_id = NEW.variant_id AND lot_id = NEW.lot_id
          AND account = NEW.from_account;


    INSERT INTO stock_balance
    SELECT NEW.upt_id, NEW.variant_id, NEW.lot_id, NEW.to_account, 0, 0, 0, 0
     WHERE NEW.phase IN ('move', 'hold')
       AND NOT EXISTS (SELECT 1 FROM stock_balance WHERE upt_id = NEW.upt_id AND variant_id = NEW.variant_id AND lot_id = NEW.lot_id
          AND account = NEW.to_account);
    UPDATE stock_balance
       SET in_posted = in_posted + (CASE WHEN NEW.phase IN ('move', 'post') THEN NEW.quantity ELSE 0 END),
           in_pending = in_pending + (CASE NEW.phase WHEN 'hold' THEN NEW.quantity WHEN 'void' THEN -NEW.quantity
            WHEN 'post' THEN -(SELECT quantity FROM stock_hold WHERE entry_id = NEW.hold_id) ELSE 0 END)
     WHERE NEW.phase <> 'keep' AND upt_id = NEW.upt_id AND variant_id = NEW.variant_id AND lot_id = NEW.lot_id
          AND account = NEW.to_account;

    INSERT INTO stock_hold
    SELECT NEW.id, NEW.upt_id, NEW.variant_id, NEW.lot_id, NEW.from_account, NEW.to_account,
           NEW.quantity, 0, NEW.expires_at, 'open'
     WHERE NEW.phase = 'hold';
    UPDATE stock_hold
       SET state = CASE WHEN NEW.phase = 'post' THEN 'posted'
                        WHEN NEW.phase = 'keep' THEN 'open'
                        WHEN NEW.kind = 'expired' THEN 'expired' ELSE 'voided' END,
           quantity_posted = CASE WHEN NEW.phase = 'post' THEN NEW.quantity ELSE 0 END,
           expires_at = CASE WHEN NEW.phase = 'keep' THEN NEW.expires_at
                             ELSE expires_at END
     WHERE entry_id = NEW.hold_id AND NEW.phase IN ('post', 'void', 'keep');
    UPDATE stock_head
       SET sequence = NEW.sequence, hash = NEW.hash, written_at = NEW.written_at
     WHERE upt_id = NEW.upt_id;
END
