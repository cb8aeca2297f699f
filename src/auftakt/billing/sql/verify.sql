-- name: verify_invoice_sums
-- An invoice is the sum of its lines.
with facts as (
    select v.number, v.net, v.tax, coalesce(l.net, 0) as line_net, coalesce(l.tax, 0) as line_tax
    from billing_invoice v
    left join (
        select invoice_id, sum(net) as net, sum(tax) as tax from billing_invoiceline group by invoice_id
    ) l on l.invoice_id = v.id
)
select
    count(*) filter (where net <> line_net or tax <> line_tax) as violations,
    count(*) as checked,
    min(number || ': net ' || net || ' tax ' || tax || ', lines sum to ' || line_net || ' and ' || line_tax)
        filter (where net <> line_net or tax <> line_tax) as example
from facts;

-- name: verify_tax_summaries
-- The tax summary of an invoice is its lines by category and rate.
with of_lines as (
    select invoice_id, tax_category, tax_rate as rate, sum(net) as base, sum(tax) as tax
    from billing_invoiceline
    group by invoice_id, tax_category, tax_rate
), facts as (
    select
        coalesce(l.invoice_id, t.invoice_id) as invoice_id, coalesce(l.rate, t.rate) as rate,
        l.base is not distinct from t.base and l.tax is not distinct from t.tax as is_right
    from of_lines l
    full join billing_invoicetax t
        on t.invoice_id = l.invoice_id and t.tax_category = l.tax_category and t.rate = l.rate
)
select
    count(*) filter (where not f.is_right) as violations,
    count(*) as checked,
    min(v.number || ': the row of ' || f.rate || ' % is not its lines') filter (where not f.is_right) as example
from facts f
left join billing_invoice v on v.id = f.invoice_id;

-- name: verify_open_items
-- Open item = gross − paid − credited, where paid is the sum of allocations and credited the sum of credit notes.
with facts as (
    select
        v.number, v.paid, v.credited, coalesce(a.amount, 0) as allocated, coalesce(c.gross, 0) as notes,
        v.gross - v.paid - v.credited < 0 as is_overdrawn
    from billing_invoice v
    left join (select invoice_id, sum(amount) as amount from billing_allocation group by invoice_id) a
        on a.invoice_id = v.id
    left join (select credits_id, sum(gross) as gross from billing_invoice group by credits_id) c on c.credits_id = v.id
)
select
    count(*) filter (where paid <> allocated or credited <> notes or is_overdrawn) as violations,
    count(*) as checked,
    min(
        number || ': paid ' || paid || ', allocated ' || allocated || ', credited ' || credited || ', credit notes ' || notes
    ) filter (where paid <> allocated or credited <> notes or is_overdrawn) as example
from facts;

-- name: verify_payments
-- What is allocated of a payment is the sum of its allocations; what is refunded, its refunds and those on their way.
with facts as (
    select
        p.id, p.allocated, p.refunded, coalesce(a.amount, 0) as used, coalesce(r.amount, 0) + coalesce(t.amount, 0) as back
    from billing_payment p
    left join (select payment_id, sum(amount) as amount from billing_allocation group by payment_id) a
        on a.payment_id = p.id
    left join (
        select refunds_id, sum(amount) as amount from billing_payment where kind = 'refund' group by refunds_id
    ) r on r.refunds_id = p.id
    left join (
        select refunds_id, sum(amount) as amount from billing_paymentattempt
        where operation = 'refund' and state in ('started', 'in_doubt')
        group by refunds_id
    ) t on t.refunds_id = p.id
)
select
    count(*) filter (where allocated <> used or refunded <> back) as violations,
    count(*) as checked,
    min(id || ': allocated ' || allocated || ' of ' || used || ', refunded ' || refunded || ' of ' || back)
        filter (where allocated <> used or refunded <> back) as example
from facts;

-- name: verify_attempts
-- Every capture and refund that succeeded is one payment, of its amount.
with facts as (
    select a.id, a.operation, a.amount, p.amount as paid
    from billing_paymentattempt a
    left join billing_payment p on p.attempt_id = a.id
    where a.state = 'succeeded' and a.operation in ('capture', 'refund')
)
select
    count(*) filter (where amount is distinct from paid) as violations,
    count(*) as checked,
    min(operation || ' ' || id || ': ' || amount || ' moved, ' || coalesce(paid::text, 'nothing') || ' is booked')
        filter (where amount is distinct from paid) as example
from facts;

-- name: verify_postings_balance
-- The amounts of a money entry sum to nothing.
with facts as (
    select entry_id, sum(amount) as amount, count(distinct legal_entity_id) as entities, count(distinct currency) as currencies
    from billing_posting
    group by entry_id
)
select
    count(*) filter (where amount <> 0 or entities > 1 or currencies > 1) as violations,
    count(*) as checked,
    min('entry ' || entry_id || ' sums to ' || amount) filter (where amount <> 0 or entities > 1 or currencies > 1) as example
from facts;

-- name: verify_receivables
-- The postings on receivables are the open items, by legal entity and currency.
with posted as (
    select legal_entity_id, currency, sum(amount) as amount
    from billing_posting
    where account = 'receivables'
    group by legal_entity_id, currency
), owed as (
    select legal_entity_id, currency, sum(gross - paid - credited) as amount
    from billing_invoice
    where kind = 'invoice'
    group by legal_entity_id, currency
), facts as (
    select currency, coalesce(p.amount, 0) as posted, coalesce(o.amount, 0) as owed
    from posted p
    full join owed o using (legal_entity_id, currency)
)
select
    count(*) filter (where posted <> owed) as violations,
    count(*) as checked,
    min(currency || ': ' || posted || ' posted, ' || owed || ' open') filter (where posted <> owed) as example
from facts;

-- name: verify_prepayments
-- The postings on customers' prepayments are the money on account, by legal entity and currency; what is being refunded
-- counts until it is gone.
with posted as (
    select legal_entity_id, currency, sum(amount) as amount
    from billing_posting
    where account = 'customer_prepayments'
    group by legal_entity_id, currency
), held as (
    select
        p.legal_entity_id, p.currency,
        sum(p.amount - p.allocated - p.refunded + coalesce(a.amount, 0)) as amount
    from billing_payment p
    left join (
        select refunds_id, sum(amount) as amount from billing_paymentattempt
        where state in ('started', 'in_doubt')
        group by refunds_id
    ) a on a.refunds_id = p.id
    where p.kind = 'receipt'
    group by p.legal_entity_id, p.currency
), facts as (
    select currency, -coalesce(p.amount, 0) as posted, coalesce(h.amount, 0) as held
    from posted p
    full join held h using (legal_entity_id, currency)
)
select
    count(*) filter (where posted <> held) as violations,
    count(*) as checked,
    min(currency || ': ' || posted || ' posted, ' || held || ' on account') filter (where posted <> held) as example
from facts;

-- name: verify_shipped_is_billed_or_to_bill
-- What is billed of a shipment line is the sum of its invoice lines.
with facts as (
    select s.id, s.quantity, s.billed, coalesce(l.quantity, 0) as invoiced
    from fulfilment_shipmentline s
    left join (
        select il.shipment_line_id, sum(il.quantity) as quantity
        from billing_invoiceline il
        join billing_invoice v on v.id = il.invoice_id and v.kind = 'invoice'
        where il.shipment_line_id is not null
        group by il.shipment_line_id
    ) l on l.shipment_line_id = s.id
)
select
    count(*) filter (where billed <> invoiced or billed > quantity) as violations,
    count(*) as checked,
    min('shipment line ' || id || ': ' || billed || ' billed, ' || invoiced || ' on invoices, ' || quantity || ' shipped')
        filter (where billed <> invoiced or billed > quantity) as example
from facts;

-- name: verify_lines_not_overbilled
-- The pieces of an order line sum to it exactly once all of it is billed, and never to more.
with facts as (
    select
        l.id, l.quantity, l.net, l.tax, sum(il.quantity) as billed, sum(il.net) as billed_net, sum(il.tax) as billed_tax
    from billing_invoiceline il
    join billing_invoice v on v.id = il.invoice_id and v.kind = 'invoice'
    join orders_orderline l on l.id = il.order_line_id
    group by l.id, l.quantity, l.net, l.tax
), judged as (
    select
        f.*, billed > quantity or billed_net > net or billed_tax > tax
            or (billed = quantity and (billed_net <> net or billed_tax <> tax)) as is_wrong
    from facts f
)
select
    count(*) filter (where is_wrong) as violations,
    count(*) as checked,
    min('order line ' || id || ': ' || net || ' + ' || tax || ' ordered, ' || billed_net || ' + ' || billed_tax || ' billed')
        filter (where is_wrong) as example
from judged;

-- name: verify_charges_billed_once
-- A charge of an order is on one invoice if it is billed, else on none.
with facts as (
    select c.id, c.name, c.billed, count(il.id) as times
    from orders_ordercharge c
    left join (
        billing_invoiceline il join billing_invoice v on v.id = il.invoice_id and v.kind = 'invoice'
    ) on il.charge_id = c.id
    group by c.id, c.name, c.billed
)
select
    count(*) filter (where times <> billed::int) as violations,
    count(*) as checked,
    min(name || ' ' || id || ' is on ' || times || ' invoices') filter (where times <> billed::int) as example
from facts;

-- name: verify_numbers_gapless
-- Numbers run 1, 2, 3 ... within legal entity, kind and year.
with facts as (
    select e.code, v.kind, v.year, count(*) as issued, min(v.sequence) as lowest, max(v.sequence) as highest
    from billing_invoice v
    join parties_legalentity e on e.id = v.legal_entity_id
    group by e.code, v.kind, v.year
)
select
    count(*) filter (where lowest <> 1 or highest <> issued) as violations,
    coalesce(sum(issued), 0)::bigint as checked,
    min(kind || ' of ' || code || ' in ' || year || ': ' || issued || ' issued, numbered ' || lowest || ' to ' || highest)
        filter (where lowest <> 1 or highest <> issued) as example
from facts;

-- name: verify_credits
-- No line is credited beyond what it was invoiced for.
with facts as (
    select
        v.number, l.line_number, l.quantity, l.net, l.tax, coalesce(sum(c.quantity), 0) as back,
        coalesce(sum(c.net), 0) as back_net, coalesce(sum(c.tax), 0) as back_tax
    from billing_invoiceline l
    join billing_invoice v on v.id = l.invoice_id and v.kind = 'invoice'
    left join billing_invoiceline c on c.credits_id = l.id
    group by v.number, l.id, l.line_number, l.quantity, l.net, l.tax
)
select
    count(*) filter (where back > quantity or back_net > net or back_tax > tax) as violations,
    count(*) as checked,
    min(number || ' line ' || line_number || ': ' || quantity || ' invoiced, ' || back || ' credited')
        filter (where back > quantity or back_net > net or back_tax > tax) as example
from facts;

-- name: verify_dunning_levels
-- The dunning level of an invoice is the highest at which a reminder names it, and its day that of the latest.
with facts as (
    select v.number, v.dunning_level, v.dunned_on, coalesce(r.level, 0) as level, r.on_day
    from billing_invoice v
    left join (
        select i.invoice_id, max(i.level) as level, max(r.issued_on) as on_day
        from billing_reminderitem i
        join billing_reminder r on r.id = i.reminder_id
        group by i.invoice_id
    ) r on r.invoice_id = v.id
)
select
    count(*) filter (where dunning_level <> level or dunned_on is distinct from on_day) as violations,
    count(*) as checked,
    min(number || ': at level ' || dunning_level || ', reminders say ' || level)
        filter (where dunning_level <> level or dunned_on is distinct from on_day) as example
from facts;

-- name: verify_reminders
-- A reminder is the sum of its items, at the highest level of them, all of one customer and currency.
with facts as (
    select
        r.number, r.total, r.level, coalesce(sum(i.open_amount), 0) as items, max(i.level) as highest,
        bool_and(v.customer_id = r.customer_id and v.currency = r.currency) as is_one
    from billing_reminder r
    left join billing_reminderitem i on i.reminder_id = r.id
    left join billing_invoice v on v.id = i.invoice_id
    group by r.id
)
select
    count(*) filter (where total <> items or level is distinct from highest or not is_one) as violations,
    count(*) as checked,
    min(number || ': ' || total || ' at level ' || level || ', items say ' || items || ' at level ' || coalesce(highest, 0))
        filter (where total <> items or level is distinct from highest or not is_one) as example
from facts;

-- name: verify_bank_lines
-- A bank line that is booked is one payment of its amount and currency.
with facts as (
    select l.reference, l.amount, l.currency, y.amount as paid, y.currency as paid_in, y.kind
    from billing_bankline l
    left join billing_payment y on y.id = l.payment_id
    where l.state = 'booked'
)
select
    count(*) filter (where paid is distinct from amount or paid_in is distinct from currency or kind <> 'receipt')
        as violations,
    count(*) as checked,
    min(reference || ': ' || amount || ' on the statement, ' || coalesce(paid::text, 'nothing') || ' is booked')
        filter (where paid is distinct from amount or paid_in is distinct from currency or kind <> 'receipt') as example
from facts;

-- name: verify_bank_statements
-- What a statement brought is what is kept of it.
with facts as (
    select s.filename, s.fresh, count(l.id) as kept
    from billing_bankstatement s
    left join billing_bankline l on l.statement_id = s.id
    group by s.id
)
select
    count(*) filter (where fresh <> kept) as violations,
    count(*) as checked,
    min(filename || ': brought ' || fresh || ' lines, ' || kept || ' are there') filter (where fresh <> kept) as example
from facts;
