package reach

import (
	"context"
	"fmt"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Settings are what a company wants of its ties.
type Settings struct {
	Collect bool // lists that networks show to everybody are read
	Hold    int  // how many of a hundred weak ties are held back from advice, 0 to MostHold
}

// How many of a hundred weak ties that might be advised are held back: without anybody saying so, and at most.
const (
	UsualHold = 20
	MostHold  = 50
)

// Collected is what is known from the lists that networks show to everybody. Without Settings.Collect it is forgotten.
type Collected struct {
	Lists   int // of how many accounts a list was read, the company's own among them
	Follows int // how many times it is known from them that one follows another
}

// Settings tells what the company wants of its ties. It needs CompanyRead.
func (r *Room) Settings(ctx context.Context, actor team.Actor) (Settings, error) {
	if err := actor.May(team.CompanyRead); err != nil {
		return Settings{}, err
	}
	s, err := r.readSetting(ctx, actor.Company)
	if err != nil {
		return Settings{}, fmt.Errorf("reach.Settings: %w", err)
	}
	return Settings{Collect: s.Collect, Hold: s.Hold}, nil
}

// Collected tells how much was learned from lists. It needs CompanyRead.
func (r *Room) Collected(ctx context.Context, actor team.Actor) (Collected, error) {
	if err := actor.May(team.CompanyRead); err != nil {
		return Collected{}, err
	}
	out, err := r.countCollected(ctx, actor.Company)
	if err != nil {
		return Collected{}, fmt.Errorf("reach.Collected: %w", err)
	}
	return out, nil
}

// ChangeSettings changes what the company wants of its ties. Without Collect what was collected goes, and a portrait that shows it is
// drawn anew. Who is held back counts from the next portrait on. It needs CompanyChange.
func (r *Room) ChangeSettings(ctx context.Context, actor team.Actor, in Settings) error {
	if err := actor.May(team.CompanyChange); err != nil {
		return err
	}
	if in.Hold < 0 || in.Hold > MostHold {
		return fault.InvalidFields(fault.Field{Name: "hold", Key: "reach.hold.range", Args: map[string]any{"max": MostHold}})
	}
	err := r.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		s, err := r.setting(ctx, tx, actor.Company)
		if err != nil || s.Collect == in.Collect && s.Hold == in.Hold {
			return err
		}
		old, off := fmt.Sprintf("%t %d", s.Collect, s.Hold), s.Collect && !in.Collect
		s.Collect, s.Hold = in.Collect, in.Hold
		if err := r.saveSetting(ctx, tx, s); err != nil {
			return err
		}
		if off {
			if err := r.forgetLists(ctx, tx, actor.Company); err != nil {
				return err
			}
			if !s.DrawnAt.IsZero() {
				if err := r.askFor(ctx, tx, s); err != nil {
					return err
				}
			}
		}
		if err := r.tell(ctx, tx, actor); err != nil {
			return err
		}
		return r.rooms.Team.Audit(ctx, tx, actor, team.Entry{
			Verb: "reach.settings", ObjectKind: "company", ObjectID: string(actor.Company),
			Detail: map[string]string{"change": fmt.Sprintf("%s > %t %d", old, in.Collect, in.Hold)},
		})
	})
	if err != nil {
		return fmt.Errorf("reach.ChangeSettings: %w", err)
	}
	return nil
}
