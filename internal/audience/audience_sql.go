package audience

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

type personRow struct {
	bun.BaseModel `bun:"table:person"`
	ID            PersonID       `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	Name          string         `bun:"name"`
	Folded        string         `bun:"folded"`
	NamedBy       team.MemberID  `bun:"named_by"`
	CreatedAt     time.Time      `bun:"created_at"`
	SeenAt        time.Time      `bun:"seen_at"`
}

func (r personRow) person() Person {
	return Person{ID: r.ID, Name: r.Name, Named: r.NamedBy != "", CreatedAt: clock.Trim(r.CreatedAt), SeenAt: clock.Trim(r.SeenAt)}
}

type identityRow struct {
	bun.BaseModel `bun:"table:identity"`
	ID            IdentityID     `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	PersonID      PersonID       `bun:"person_id"`
	Network       network.Name   `bun:"network"`
	Key           string         `bun:"key"`
	RemoteID      string         `bun:"remote_id"`
	Handle        string         `bun:"handle"`
	Folded        string         `bun:"folded"`
	Name          string         `bun:"name"`
	URL           string         `bun:"url"`
	AvatarURL     string         `bun:"avatar_url"`
	Bot           bool           `bun:"bot"`
	CreatedAt     time.Time      `bun:"created_at"`
}

func (r identityRow) identity() Identity {
	return Identity{
		ID: r.ID, Person: r.PersonID, Network: r.Network, RemoteID: r.RemoteID, Handle: r.Handle, Name: r.Name,
		URL: r.URL, AvatarURL: r.AvatarURL, Bot: r.Bot, key: r.Key,
	}
}

type noteRow struct {
	bun.BaseModel `bun:"table:person_note"`
	ID            string         `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	PersonID      PersonID       `bun:"person_id"`
	MemberID      team.MemberID  `bun:"member_id"`
	Body          string         `bun:"body"`
	At            time.Time      `bun:"at"`
	Keep          bool           `bun:"keep"`
}

type mergeRow struct {
	bun.BaseModel `bun:"table:person_merge"`
	ID            MergeID        `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	KeptID        PersonID       `bun:"kept_id"`
	GoneID        PersonID       `bun:"gone_id"`
	GoneName      string         `bun:"gone_name"`
	Identities    []IdentityID   `bun:"identities"`
	Notes         []string       `bun:"notes"`
	MemberID      team.MemberID  `bun:"member_id"`
	At            time.Time      `bun:"at"`
	UndoneAt      time.Time      `bun:"undone_at,nullzero"`
}

// chunk bounds the rows of one statement.
const chunk = 250

func (a *Audience) observe(ctx context.Context, tx *store.Tx, c team.CompanyID, n network.Name, keys []string, byKey map[string]network.Author, seen map[string]time.Time) (map[string]IdentityID, error) {
	known, err := a.known(ctx, tx, c, n, keys)
	if err != nil {
		return nil, err
	}
	now := a.clock.Now()
	var people []personRow
	var fresh []identityRow
	touched := map[PersonID]time.Time{}
	for _, k := range keys {
		au := byKey[k]
		at := seen[k]
		if at.IsZero() {
			at = now
		}
		if old, ok := known[k]; ok {
			if at.After(touched[old.PersonID]) {
				touched[old.PersonID] = at
			}
			if err := a.takeOver(ctx, tx, old, au); err != nil {
				return nil, err
			}
			continue
		}
		name := au.Name
		if strings.TrimSpace(name) == "" {
			name = au.Handle
		}
		p := personRow{ID: PersonID(personKind.New(now)), CompanyID: c, Name: name, Folded: text.Fold(name), CreatedAt: now, SeenAt: at}
		people = append(people, p)
		fresh = append(fresh, identityRow{
			ID: IdentityID(identityKind.New(now)), CompanyID: c, PersonID: p.ID, Network: n, Key: k, RemoteID: au.RemoteID,
			Handle: au.Handle, Folded: text.Fold(au.Handle), Name: au.Name, URL: au.URL, AvatarURL: au.AvatarURL, Bot: au.Bot, CreatedAt: now,
		})
	}
	for part := range slices.Chunk(people, chunk) {
		if _, err := tx.DB.NewInsert().Model(&part).Exec(ctx); err != nil {
			return nil, store.Fault(err)
		}
	}
	for part := range slices.Chunk(fresh, chunk) {
		if _, err := tx.DB.NewInsert().Model(&part).On("CONFLICT (company_id, network, key) DO NOTHING").Exec(ctx); err != nil {
			return nil, store.Fault(err)
		}
	}
	if len(fresh) > 0 && a.store.Dialect() == store.Postgres {
		// Another channel may have brought the same account at the same moment: its row counts, our person goes.
		if known, err = a.known(ctx, tx, c, n, keys); err != nil {
			return nil, err
		}
		for i, f := range fresh {
			if known[f.Key].ID != f.ID {
				if _, err := tx.DB.NewDelete().Model((*personRow)(nil)).Where("id = ?", people[i].ID).Exec(ctx); err != nil {
					return nil, store.Fault(err)
				}
			}
		}
	} else {
		for _, f := range fresh {
			known[f.Key] = f
		}
	}
	if err := a.touch(ctx, tx, c, touched); err != nil {
		return nil, err
	}
	out := make(map[string]IdentityID, len(keys))
	for k, row := range known {
		out[k] = row.ID
	}
	return out, nil
}

// known reads accounts, by their keys in order, which on PostgreSQL stay as they are until the transaction ends.
func (a *Audience) known(ctx context.Context, tx *store.Tx, c team.CompanyID, n network.Name, keys []string) (map[string]identityRow, error) {
	out := make(map[string]identityRow, len(keys))
	for part := range slices.Chunk(keys, chunk) {
		var rows []identityRow
		q := tx.DB.NewSelect().Model(&rows).Where("company_id = ?", c).Where("network = ?", n).Where("key IN (?)", bun.List(part))
		if a.store.Dialect() == store.Postgres { // two that change the same accounts in different order would block each other
			q = q.Order("key").For("NO KEY UPDATE")
		}
		if err := q.Scan(ctx); err != nil {
			return nil, store.Fault(err)
		}
		for _, r := range rows {
			out[r.Key] = r
		}
	}
	return out, nil
}

// takeOver brings a changed account up to date, and with it the name of its person unless a member chose that.
func (a *Audience) takeOver(ctx context.Context, tx *store.Tx, old identityRow, au network.Author) error {
	if old.Name == au.Name && old.Handle == au.Handle && old.AvatarURL == au.AvatarURL && old.URL == au.URL && old.Bot == au.Bot {
		return nil
	}
	if au.Name == "" && au.AvatarURL == "" { // a mention names an account without describing it
		return nil
	}
	_, err := tx.DB.NewUpdate().Model((*identityRow)(nil)).Where("id = ?", old.ID).
		Set("name = ?", au.Name).Set("handle = ?", au.Handle).Set("folded = ?", text.Fold(au.Handle)).
		Set("avatar_url = ?", au.AvatarURL).Set("url = ?", au.URL).Set("bot = ?", au.Bot).Exec(ctx)
	if err != nil {
		return store.Fault(err)
	}
	if au.Name == "" || au.Name == old.Name {
		return nil
	}
	_, err = tx.DB.NewUpdate().Model((*personRow)(nil)).Where("id = ?", old.PersonID).Where("named_by = ''").Where("name IN (?, ?)", old.Name, old.Handle).
		Set("name = ?", au.Name).Set("folded = ?", text.Fold(au.Name)).Exec(ctx)
	return store.Fault(err)
}

// touch moves the last sighting of people forward; those seen in the same hour are told in one statement.
func (a *Audience) touch(ctx context.Context, tx *store.Tx, c team.CompanyID, seen map[PersonID]time.Time) error {
	byHour := map[time.Time][]PersonID{}
	for p, at := range seen {
		h := at.Truncate(time.Hour)
		byHour[h] = append(byHour[h], p)
	}
	for h, ps := range byHour {
		slices.Sort(ps)
		for part := range slices.Chunk(ps, chunk) {
			_, err := tx.DB.NewUpdate().Model((*personRow)(nil)).Set("seen_at = ?", h).
				Where("company_id = ?", c).Where("id IN (?)", bun.List(part)).Where("seen_at < ?", h).Exec(ctx)
			if err != nil {
				return store.Fault(err)
			}
		}
	}
	return nil
}

func (a *Audience) person(ctx context.Context, c team.CompanyID, p PersonID) (Person, error) {
	var row personRow
	err := a.store.Read(ctx).NewSelect().Model(&row).Where("company_id = ?", c).Where("id = ?", p).Scan(ctx)
	if err != nil {
		return Person{}, gone(err)
	}
	out := []Person{row.person()}
	if err := a.fill(ctx, c, out); err != nil {
		return Person{}, err
	}
	return out[0], nil
}

// gone says that a person is not there in words of this room.
func gone(err error) error {
	err = store.Fault(err)
	if errors.Is(err, store.ErrMissing) {
		return fault.New(fault.NotFound, "audience.person.missing").Because(err)
	}
	return err
}

// fill adds the identities to people.
func (a *Audience) fill(ctx context.Context, c team.CompanyID, people []Person) error {
	if len(people) == 0 {
		return nil
	}
	ids := make([]PersonID, len(people))
	at := map[PersonID]int{}
	for i, p := range people {
		ids[i], at[p.ID] = p.ID, i
	}
	var rows []identityRow
	err := a.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("person_id IN (?)", bun.List(ids)).Order("id").Scan(ctx)
	if err != nil {
		return store.Fault(err)
	}
	for _, r := range rows {
		p := &people[at[r.PersonID]]
		p.Identities = append(p.Identities, r.identity())
	}
	return nil
}

func (a *Audience) find(ctx context.Context, c team.CompanyID, q, cursor string, limit int) ([]Person, string, error) {
	sel := a.store.Read(ctx).NewSelect().Model((*personRow)(nil)).Where("company_id = ?", c).
		Order("seen_at DESC", "id DESC").Limit(int64(limit) + 1)
	if q != "" {
		low, high := q, q+"\U0010FFFF"
		sel = sel.WhereGroup(" AND ", func(s *bun.SelectQuery) *bun.SelectQuery {
			return s.Where("(folded >= ? AND folded < ?)", low, high).
				WhereOr("id IN (SELECT person_id FROM identity WHERE company_id = ? AND folded >= ? AND folded < ?)", c, low, high).
				WhereOr("folded LIKE ? ESCAPE '!'", "% "+escapeLike(q)+"%")
		})
	}
	if cursor != "" {
		at, last, err := store.ParseCursor(cursor)
		if err != nil {
			return nil, "", err
		}
		sel = sel.Where("(seen_at < ? OR (seen_at = ? AND id < ?))", at, at, last)
	}
	var rows []personRow
	if err := sel.Scan(ctx, &rows); err != nil {
		return nil, "", store.Fault(err)
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = store.Cursor(rows[limit-1].SeenAt, string(rows[limit-1].ID))
	}
	out := make([]Person, len(rows))
	for i, r := range rows {
		out[i] = r.person()
	}
	return out, next, a.fill(ctx, c, out)
}

func escapeLike(s string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s)
}

func (a *Audience) rename(ctx context.Context, tx *store.Tx, actor team.Actor, p PersonID, name string) error {
	by := actor.Member
	if by == "" {
		by = team.MemberID(actor.Via)
	}
	if name == "" {
		person, err := a.person(ctx, actor.Company, p)
		if err != nil {
			return err
		}
		by = ""
		for _, i := range person.Identities {
			if name == "" {
				name = i.Label()
			}
		}
	}
	res, err := tx.DB.NewUpdate().Model((*personRow)(nil)).Where("company_id = ?", actor.Company).Where("id = ?", p).
		Set("name = ?", name).Set("folded = ?", text.Fold(name)).Set("named_by = ?", by).Exec(ctx)
	if err != nil {
		return store.Fault(err)
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return fault.New(fault.NotFound, "audience.person.missing")
	}
	return nil
}

func (a *Audience) addNote(ctx context.Context, tx *store.Tx, c team.CompanyID, p PersonID, n Note) error {
	_, err := tx.DB.NewInsert().Model(&noteRow{ID: n.ID, CompanyID: c, PersonID: p, MemberID: n.Member, Body: n.Body, At: n.At}).Exec(ctx)
	return store.Fault(err)
}

func (a *Audience) notes(ctx context.Context, c team.CompanyID, p PersonID) ([]Note, error) {
	var rows []noteRow
	err := a.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("person_id = ?", p).Order("at", "id").Scan(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	out := make([]Note, len(rows))
	for i, r := range rows {
		out[i] = Note{ID: r.ID, Member: r.MemberID, Body: r.Body, At: clock.Trim(r.At), Keep: r.Keep}
	}
	return out, nil
}

func (a *Audience) merge(ctx context.Context, tx *store.Tx, actor team.Actor, mid MergeID, keptID, goneID PersonID, now time.Time) error {
	c := actor.Company
	if _, err := a.person(ctx, c, keptID); err != nil {
		return err
	}
	lost, err := a.person(ctx, c, goneID)
	if err != nil {
		return err
	}
	row := mergeRow{ID: mid, CompanyID: c, KeptID: keptID, GoneID: goneID, GoneName: lost.Name, Identities: []IdentityID{}, Notes: []string{}, MemberID: actor.Member, At: now}
	for _, i := range lost.Identities {
		row.Identities = append(row.Identities, i.ID)
	}
	notes, err := a.notes(ctx, c, goneID)
	if err != nil {
		return err
	}
	for _, n := range notes {
		row.Notes = append(row.Notes, n.ID)
	}
	if _, err := tx.DB.NewInsert().Model(&row).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	if err := a.move(ctx, tx, c, row.Identities, row.Notes, goneID, keptID); err != nil {
		return err
	}
	// Merges into the lost person now lead to the kept one, so that they stay undoable.
	if _, err := tx.DB.NewUpdate().Model((*mergeRow)(nil)).Where("company_id = ?", c).Where("kept_id = ?", goneID).Set("kept_id = ?", keptID).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	if _, err := tx.DB.NewUpdate().Model((*personRow)(nil)).Where("company_id = ?", c).Where("id = ?", keptID).Where("seen_at < ?", lost.SeenAt).Set("seen_at = ?", lost.SeenAt).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	_, err = tx.DB.NewDelete().Model((*personRow)(nil)).Where("company_id = ?", c).Where("id = ?", goneID).Exec(ctx)
	return store.Fault(err)
}

// move hands identities and notes from one person to another; what has moved on meanwhile stays.
func (a *Audience) move(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []IdentityID, notes []string, from, to PersonID) error {
	if len(ids) > 0 {
		if _, err := tx.DB.NewUpdate().Model((*identityRow)(nil)).Where("company_id = ?", c).Where("person_id = ?", from).Where("id IN (?)", bun.List(ids)).Set("person_id = ?", to).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	if len(notes) > 0 {
		if _, err := tx.DB.NewUpdate().Model((*noteRow)(nil)).Where("company_id = ?", c).Where("person_id = ?", from).Where("id IN (?)", bun.List(notes)).Set("person_id = ?", to).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

func (a *Audience) undo(ctx context.Context, tx *store.Tx, actor team.Actor, m MergeID, now time.Time) (PersonID, error) {
	c := actor.Company
	var row mergeRow
	if err := tx.DB.NewSelect().Model(&row).Where("company_id = ?", c).Where("id = ?", m).Scan(ctx); err != nil {
		return "", gone(err)
	}
	if err := a.erasable(ctx, c, row.KeptID); err != nil {
		return "", err
	}
	res, err := tx.DB.NewUpdate().Model((*mergeRow)(nil)).Where("id = ?", m).Where("undone_at IS NULL").Set("undone_at = ?", now).Exec(ctx)
	if err != nil {
		return "", store.Fault(err)
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return "", fault.New(fault.Conflict, "audience.merge.undone")
	}
	p := personRow{ID: row.GoneID, CompanyID: c, Name: row.GoneName, Folded: text.Fold(row.GoneName), CreatedAt: now, SeenAt: now}
	if _, err := tx.DB.NewInsert().Model(&p).Exec(ctx); err != nil {
		return "", store.Fault(err)
	}
	return p.ID, a.move(ctx, tx, c, row.Identities, row.Notes, row.KeptID, row.GoneID)
}

func (a *Audience) merges(ctx context.Context, c team.CompanyID, p PersonID) ([]Merge, error) {
	var rows []mergeRow
	err := a.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("kept_id = ?", p).Where("undone_at IS NULL").Order("id DESC").Scan(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	out := make([]Merge, len(rows))
	for i, r := range rows {
		out[i] = Merge{ID: r.ID, Kept: r.KeptID, GoneName: r.GoneName, Member: r.MemberID, At: clock.Trim(r.At)}
	}
	return out, nil
}

func (a *Audience) identities(ctx context.Context, c team.CompanyID, ids []IdentityID) (map[IdentityID]Identity, error) {
	out := make(map[IdentityID]Identity, len(ids))
	for part := range slices.Chunk(ids, chunk) {
		var rows []identityRow
		// Asked by id alone: with the company in the query SQLite would read all identities of the company instead.
		if err := a.store.Read(ctx).NewSelect().Model(&rows).Where("id IN (?)", bun.List(part)).Scan(ctx); err != nil {
			return nil, store.Fault(err)
		}
		for _, r := range rows {
			if r.CompanyID == c {
				out[r.ID] = r.identity()
			}
		}
	}
	return out, nil
}

func (a *Audience) removeCompany(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	for _, model := range []any{
		(*markRow)(nil), (*erasureRow)(nil), (*forgettingRow)(nil), (*mergeRow)(nil), (*noteRow)(nil), (*identityRow)(nil), (*personRow)(nil),
	} {
		if _, err := tx.DB.NewDelete().Model(model).Where("company_id = ?", c).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}
