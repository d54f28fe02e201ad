package cli

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/config"
)

type tryCmd struct {
	under
	Where string            `arg:"" name:"where" help:"x"`
	More  []string          `arg:"" name:"more" help:"x"`
	Names []string          `name:"names" help:"x"`
	Whole []string          `name:"whole" sep:"none" help:"x"`
	Pairs map[string]string `name:"pairs" said:"" help:"x"`
	Long  time.Duration     `name:"long" default:"2h" help:"x"`
	Share float64           `name:"share" help:"x"`
	Count int               `name:"count" short:"k" default:"-1" help:"x"`
	Sure  bool              `name:"sure" help:"x"`
	Word  string            `name:"word" secret:"" required:"" help:"x"`
	Seed  uint64            `name:"seed" help:"x"`
}

type under struct {
	File string `name:"config" help:"x"`
	Deep string `name:"deep" help:"x"`
}

func (*tryCmd) settings() *config.Config { return nil }
func (*tryCmd) run(*session) error       { return nil }

type tryAll struct {
	Group struct {
		Try   tryCmd  `cmd:"" help:"x"`
		Plain bareCmd `cmd:"" default:"1" help:"x"`
	} `cmd:"" help:"x"`
	Bare bareCmd `cmd:"" help:"x"`
}

type bareCmd struct {
	Loud bool `name:"loud" help:"x"`
}

func (*bareCmd) settings() *config.Config { return nil }
func (*bareCmd) run(*session) error       { return nil }

func env(vars map[string]string) *config.Source {
	return config.NewSource(func(k string) (string, bool) { v, ok := vars[k]; return v, ok })
}

func TestLine(t *testing.T) {
	t.Parallel()
	var all tryAll
	args := []string{"group", "try", "--names", "a,b", "here", "--names=c", "--whole", "a,b", "--pairs", "x=1;y=2", "-k", "-3", "there", "--sure", "--", "--this"}
	c, err := tree(&all).parse(args, env(map[string]string{"PONTE_WORD": "w", "PONTE_SHARE": "0.5", "PONTE_PAIRS": "z=9", "PONTE_NAMES": "never", "PONTE_DEEP": "down"}))
	if err != nil {
		t.Fatal(err)
	}
	want := tryCmd{
		under: under{Deep: "down"}, Where: "here", More: []string{"there", "--this"}, Names: []string{"a", "b", "c"}, Whole: []string{"a,b"},
		Pairs: map[string]string{"x": "1", "y": "2"}, Long: 2 * time.Hour, Share: .5, Count: -3, Sure: true, Word: "w",
	}
	if diff := cmp.Diff(want, *c.(*tryCmd), cmp.AllowUnexported(tryCmd{}, under{})); diff != "" {
		t.Errorf("wanted (-), got (+)\n%s", diff)
	}

	all = tryAll{}
	if c, err = tree(&all).parse([]string{"group", "--loud"}, env(nil)); err != nil || c != &all.Group.Plain || !all.Group.Plain.Loud {
		t.Errorf("the standard command is not meant: %v %v", c, err)
	}
}

func TestLineWrong(t *testing.T) {
	t.Parallel()
	try := []string{"group", "try", "--word", "w", "a", "b"}
	for _, tc := range []struct {
		args []string
		want wrong
	}{
		{[]string{"dance"}, wrong{"cli.wrong.command", "ponte", "dance"}},
		{nil, wrong{"cli.wrong.which", "ponte", ""}},
		{[]string{"group", "dance"}, wrong{"cli.wrong.command", "ponte group", "dance"}},
		{[]string{"bare", "dance"}, wrong{"cli.wrong.argument", "ponte bare", "dance"}},
		{[]string{"bare", "--loud=perhaps"}, wrong{"cli.wrong.value", "--loud", "perhaps"}},
		{[]string{"group", "try", "a", "b"}, wrong{"cli.wrong.missing", "--word", ""}},
		{try[:5], wrong{"cli.wrong.missing", "MORE", ""}},
		{try[:4], wrong{"cli.wrong.missing", "WHERE", ""}},
		{slices.Concat(try, []string{"--frob"}), wrong{"cli.wrong.flag", "--frob", ""}},
		{slices.Concat(try, []string{"-z"}), wrong{"cli.wrong.flag", "-z", ""}},
		{slices.Concat(try, []string{"--count"}), wrong{"cli.wrong.without", "--count", ""}},
		{slices.Concat(try, []string{"-k"}), wrong{"cli.wrong.without", "-k", ""}},
		{slices.Concat(try, []string{"--count", "many"}), wrong{"cli.wrong.value", "--count", "many"}},
		{slices.Concat(try, []string{"--seed", "-1"}), wrong{"cli.wrong.value", "--seed", "-1"}},
		{slices.Concat(try, []string{"--pairs", "x"}), wrong{"cli.wrong.value", "--pairs", "x"}},
		{slices.Concat(try, []string{"--long", "week"}), wrong{"cli.wrong.value", "--long", "week"}},
	} {
		_, err := tree(&tryAll{}).parse(tc.args, env(nil))
		w, ok := errors.AsType[*wrong](err)
		if !ok || *w != tc.want {
			t.Errorf("%q: %v, want %v", tc.args, err, tc.want)
		}
	}
	// What the environment says wrongly is named as well, except a secret.
	_, err := tree(&tryAll{}).parse(try, env(map[string]string{"PONTE_SEED": "many"}))
	if w, ok := errors.AsType[*wrong](err); !ok || *w != (wrong{"cli.wrong.value", "--seed", "many"}) {
		t.Error(err)
	}
}
