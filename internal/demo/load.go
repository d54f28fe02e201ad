package demo

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"
)

//go:embed content/*.txt content/*.json
var content embed.FS

// Load reads the sample company as it stands at moment. The same moment and zone always give the same company.
// zone is where its clocks hang; nil means the zone the company names itself. An error names file and line.
func Load(moment time.Time, zone *time.Location) (*Company, error) {
	return load(content, moment, zone)
}

func load(files fs.FS, moment time.Time, zone *time.Location) (*Company, error) {
	moment = moment.UTC().Truncate(time.Second)
	r := &reader{company: &Company{Moment: moment}, known: map[string]Post{}}
	if err := r.each(files, "content/azienda.txt", r.companyLine); err != nil {
		return nil, err
	}
	if zone == nil {
		z, err := time.LoadLocation(r.company.Zone)
		if err != nil {
			return nil, fmt.Errorf("demo.Load: %w", err)
		}
		zone = z
	}
	r.calendar = newCalendar(moment, zone)
	r.calendar.hours = r.company.Hours
	if err := r.each(files, "content/persone.txt", r.personLine); err != nil {
		return nil, err
	}
	if err := r.each(files, "content/post.txt", r.talkLine); err != nil {
		return nil, err
	}
	for _, p := range r.company.Posts {
		r.known[p.Key] = p
	}
	months, err := fs.Glob(files, "content/mese-*.txt")
	if err != nil {
		return nil, fmt.Errorf("demo.Load: %w", err)
	}
	for _, name := range months {
		if err := r.each(files, name, r.talkLine); err != nil {
			return nil, err
		}
	}
	c := r.company
	slices.SortStableFunc(c.Posts, func(a, b Post) int { return a.At.Compare(b.At) })
	slices.SortStableFunc(c.Conversations, func(a, b Conversation) int {
		if len(a.Interactions) == 0 || len(b.Interactions) == 0 {
			return cmp.Compare(len(a.Interactions), len(b.Interactions))
		}
		return a.Interactions[0].At.Compare(b.Interactions[0].At)
	})
	if err := check(c); err != nil {
		return nil, fmt.Errorf("demo.Load: %w", err)
	}
	c.Reactions = crowd(c)
	return c, nil
}

// each hands the lines of a file to read, with comments taken out.
func (r *reader) each(files fs.FS, name string, read func(string) error) error {
	b, err := fs.ReadFile(files, name)
	if err != nil {
		return fmt.Errorf("demo.Load: %w", err)
	}
	r.conversation, r.post, r.interaction, r.tell = nil, nil, nil, nil
	for n, line := range strings.Split(string(b), "\n") {
		line = strings.TrimRight(line, " \r")
		if strings.HasPrefix(line, "# ") || line == "" {
			continue
		}
		if err := read(line); err != nil {
			return fmt.Errorf("demo.Load: %s:%d: %w", name, n+1, err)
		}
	}
	return nil
}
