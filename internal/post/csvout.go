package post

import (
	"bufio"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// TableFor is who reads a table that goes out. The zero value is for programs: commas, English names of columns, states as they are
// stored.
type TableFor struct {
	// Locale is the language of somebody who opens it in a spreadsheet: the file says that it is UTF-8 by a mark at its beginning, its columns
	// are divided as spreadsheets in that language expect it and have names in it, its lines end as on every machine.
	Locale string
	// State names a state; nil: as it is stored.
	State func(State) string
}

func (t TableFor) comma() rune {
	if t.Locale == "it" { // where a comma stands in numbers
		return ';'
	}
	return ','
}

func (t TableFor) head() []string {
	names := append(slices.Clone(Columns), told...)
	if t.Locale != "it" {
		return names
	}
	for it, en := range italian {
		names[slices.Index(names, en)] = it
	}
	return names
}

func (t TableFor) state(s State) string {
	if t.State == nil {
		return string(s)
	}
	return t.State(s)
}

// ExportCSV writes posts as a table, the latest first: what ImportCSV reads, with where each stands. It needs PostsRead; a member without
// it gets what is shared with them.
func (p *Posts) ExportCSV(ctx context.Context, actor team.Actor, f Filter, t TableFor, w io.Writer) error {
	if _, err := p.mayList(actor); err != nil {
		return err
	}
	buffered := bufio.NewWriter(w)
	if err := p.exportCSV(ctx, actor, f, t, buffered); err != nil {
		return fmt.Errorf("post.ExportCSV: %w", err)
	}
	return buffered.Flush()
}

func (p *Posts) exportCSV(ctx context.Context, actor team.Actor, f Filter, t TableFor, w io.Writer) error {
	company, err := p.rooms.Team.Company(ctx, actor.Company)
	if err != nil {
		return err
	}
	all, err := p.rooms.Networks.ChannelsByID(ctx, actor.Company)
	if err != nil {
		return err
	}
	c := csv.NewWriter(w)
	c.Comma = t.comma()
	if t.Locale != "" {
		c.UseCRLF = true
		if _, err := io.WriteString(w, mark); err != nil {
			return err
		}
	}
	if err := c.Write(t.head()); err != nil {
		return err
	}
	f.Limit = 100
	for {
		l, err := p.List(ctx, actor, f)
		if err != nil {
			return err
		}
		for _, e := range l.Entries {
			record, err := p.record(ctx, e, t, company, all)
			if err != nil {
				return err
			}
			if err := c.Write(record); err != nil {
				return err
			}
		}
		if l.Next == "" {
			c.Flush()
			return c.Error()
		}
		f.Cursor = l.Next
	}
}

// record is a post as a line of a table.
func (p *Posts) record(ctx context.Context, e Entry, t TableFor, company team.Company, all map[network.ChannelID]network.Channel) ([]string, error) {
	x, m := e.Post, e.Post.Message
	cells := map[string]string{
		"title": m.Title, "text": m.Text, "tags": strings.Join(m.Tags, " "), "first_comment": m.FirstComment, "campaign": m.Campaign, "language": m.Language,
		"warning": m.Warning, "state": t.state(x.State), "id": string(x.ID),
	}
	if m.Track {
		cells["count_visits"] = "1"
	}
	stamp := func(t time.Time) (string, string) {
		date, clock, _ := strings.Cut(schedule.WallOf(t, company.Location()).String(), "T")
		return date, clock
	}
	if !x.DueAt.IsZero() {
		cells["date"], cells["time"] = stamp(x.DueAt)
	}
	if !x.SentAt.IsZero() {
		date, clock := stamp(x.SentAt)
		cells["sent"] = date + " " + clock
	}
	var names, files, alts, urls []string
	for _, ch := range e.Channels {
		name := string(ch)
		if c, ok := all[ch]; ok && c.Handle != "" {
			name = c.Handle
		}
		names = append(names, name)
	}
	for _, f := range m.Media {
		files, alts = append(files, string(f.ID)), append(alts, f.Alt)
	}
	parts, err := p.partsOf(ctx, company.ID, x.ID)
	if err != nil {
		return nil, err
	}
	for _, y := range parts {
		if y.Number == 0 && y.URL != "" && y.State == PartSent {
			urls = append(urls, y.URL)
		}
	}
	cells["channels"], cells["media"], cells["alt"], cells["url"] = strings.Join(names, "; "), strings.Join(files, "; "), inOneCell(alts), strings.Join(urls, "; ")
	var out []string
	for _, name := range append(slices.Clone(Columns), told...) {
		out = append(out, text.Guard(cells[name]))
	}
	return out, nil
}

// inOneCell writes alternatives so that they are read again as they were.
func inOneCell(alts []string) string {
	for i, a := range alts {
		alts[i] = strings.Join(strings.Fields(a), " ")
	}
	if !slices.Contains(alts, "") {
		return strings.Join(alts, "\n")
	}
	if len(alts) == 1 || strings.Join(alts, "") == "" {
		return ""
	}
	for i, a := range alts { // the edges of a cell are cut, so that a line that is empty there would not be seen
		alts[i] = strings.ReplaceAll(a, "|", "/")
	}
	return strings.Join(alts, " | ")
}
