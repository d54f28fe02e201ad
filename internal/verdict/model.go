package verdict

import (
	"context"
	"sync"

	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// judge is a model at work.
type judge interface {
	Judge(text string) triage.Verdict
	Version() string
}

// standIn is a judge of a test.
type standIn struct {
	company team.CompanyID
	judge   func(team.CompanyID, string) triage.Verdict
}

func (standIn) Version() string { return "test" }

func (s standIn) Judge(text string) triage.Verdict { return s.judge(s.company, text) }

// shelf keeps the models at hand that judged last, by the id of their row. What a company uses is asked of the database
// each time, so that all nodes judge with the same.
type shelf struct {
	mu     sync.Mutex
	models map[string]*triage.Model
	order  []string // the one used last stands last
}

// maxShelf bounds the models at hand.
const maxShelf = 32

func (s *shelf) get(id string) *triage.Model {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.models[id]
	if m != nil {
		s.touch(id)
	}
	return m
}

func (s *shelf) put(id string, m *triage.Model) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.models == nil {
		s.models = map[string]*triage.Model{}
	}
	s.models[id] = m
	s.touch(id)
	for len(s.order) > maxShelf {
		delete(s.models, s.order[0])
		s.order = s.order[1:]
	}
}

// touch makes a model the one used last.
func (s *shelf) touch(id string) {
	for i, o := range s.order {
		if o == id {
			s.order = append(s.order[:i], s.order[i+1:]...)
			break
		}
	}
	s.order = append(s.order, id)
}

// model gives the model that judges for a company: its own, or the one that Ponte brings.
func (v *Verdicts) model(ctx context.Context, c team.CompanyID) (judge, error) {
	if v.standIn != nil {
		return standIn{company: c, judge: v.standIn}, nil
	}
	base, err := triage.Default()
	if err != nil {
		return nil, err
	}
	row, err := v.activeModel(ctx, c, base.Version())
	if err != nil || row.ID == "" {
		return base, err
	}
	if m := v.shelf.get(row.ID); m != nil {
		return m, nil
	}
	b, err := v.weights(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	m, err := triage.ReadModel(b)
	if err != nil { // what comes in is judged all the same
		v.log.Error("verdict: a company's model cannot be read", "company", c, "model", row.ID, "error", err)
		return base, nil
	}
	v.shelf.put(row.ID, m)
	return m, nil
}
