package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/triage"
)

type triageCmd struct {
	Judge triageJudgeCmd `cmd:"" default:"1" help:"triage_judge"`
	Train triageTrainCmd `cmd:"" help:"triage_train"`
}

type triageJudgeCmd struct{}

func (*triageJudgeCmd) settings() *config.Config { return nil }

// maxLine is the longest line that is read, in bytes.
const maxLine = 16 << 20

// errTooLong says that a line is longer than that.
var errTooLong = errors.New("longer than 16 MB")

// asked is a line that comes in.
type asked struct {
	ID   json.RawMessage `json:"id"`
	Text *string         `json:"text"`
}

// judged is a line that goes out.
type judged struct {
	ID        json.RawMessage `json:"id"`
	Lang      triage.Language `json:"lang"`
	Tone      triage.Tone     `json:"tone"`
	Criticism opinion         `json:"criticism"`
	Negative  float64         `json:"negative"`
	Positive  float64         `json:"positive"`
	Question  float64         `json:"question"`
	Praise    float64         `json:"praise"`
	Spam      float64         `json:"spam"`
	Insult    float64         `json:"insult"`
	Irony     float64         `json:"irony"`
	Themes    []triage.Theme  `json:"themes"`
	Urgency   int             `json:"urgency"`
	Evidence  []string        `json:"evidence"`
}

type opinion struct {
	P        float64         `json:"p"`
	Decision triage.Decision `json:"decision"`
}

func (*triageJudgeCmd) run(s *session) (err error) {
	model, err := triage.Default()
	if err != nil {
		return err
	}
	in := bufio.NewReaderSize(s.In, 1<<16)
	out := bufio.NewWriter(s.Out)
	defer func() { err = errors.Join(err, out.Flush()) }()
	write := json.NewEncoder(out)
	write.SetEscapeHTML(false)
	var end error
	var line []byte
	for number := 1; ; number++ {
		var wrong error
		line, err = readLine(in, line[:0])
		switch {
		case errors.Is(err, io.EOF):
			return end
		case errors.Is(err, errTooLong):
			wrong = err
		case err != nil:
			return err
		}
		if len(bytes.TrimSpace(line)) == 0 && wrong == nil {
			continue
		}
		var a asked
		if wrong == nil {
			wrong = json.Unmarshal(line, &a)
		}
		if wrong == nil && a.Text == nil {
			wrong = errors.New(`"text"?`)
		}
		if wrong != nil {
			end = exit(Failed)
			fmt.Fprintln(s.Err, s.words.T("cli.triage.line", "line", number, "detail", wrong.Error()))
			continue
		}
		if err := write.Encode(verdict(a.ID, model.Judge(*a.Text))); err != nil {
			return err
		}
		if in.Buffered() == 0 { // somebody may be waiting for the answer
			if err := out.Flush(); err != nil {
				return err
			}
		}
	}
}

// readLine reads one line, without its end. Of one that is too long the rest is passed over.
func readLine(in *bufio.Reader, line []byte) ([]byte, error) {
	long, some := false, false
	for {
		part, err := in.ReadSlice('\n')
		some = some || len(part) > 0
		if len(line)+len(part) > maxLine {
			long = true
		} else {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && !some:
			return nil, io.EOF
		case err != nil && !errors.Is(err, io.EOF):
			return nil, err
		case long:
			return line, errTooLong
		}
		return bytes.TrimRight(line, "\r\n"), nil
	}
}

func verdict(id json.RawMessage, v triage.Verdict) judged {
	j := judged{
		ID: id, Lang: v.Language, Tone: v.Tone, Criticism: opinion{P: short(v.Criticism.P), Decision: v.Criticism.Decision},
		Negative: short(v.Negative), Positive: short(v.Positive), Question: short(v.Question), Praise: short(v.Praise),
		Spam: short(v.Spam), Insult: short(v.Insult), Irony: short(v.Irony), Themes: v.Themes, Urgency: v.Urgency,
		Evidence: make([]string, 0, len(v.Evidence)),
	}
	if id == nil {
		j.ID = json.RawMessage("null")
	}
	for _, e := range v.Evidence {
		j.Evidence = append(j.Evidence, e.Word)
	}
	return j
}

// short writes a probability with four decimals.
func short(p float64) float64 { return math.Round(p*1e4) / 1e4 }

type triageTrainCmd struct {
	Dir    string `name:"dir" default:"internal/triage" placeholder:"DIR" help:"triage_dir"`
	Report bool   `name:"report" help:"triage_report"`
}

func (*triageTrainCmd) settings() *config.Config { return nil }

func (c *triageTrainCmd) run(s *session) error {
	src := os.DirFS(c.Dir)
	model, report, err := triage.Train(src, triage.Options{Measure: c.Report})
	if err != nil {
		fmt.Fprintln(s.Err, err)
		return fault.New(fault.Invalid, "cli.triage.sources").With("folder", c.Dir)
	}
	weights, err := model.MarshalBinary()
	if err != nil {
		return err
	}
	corpus, err := triage.PackCorpus(src)
	if err != nil {
		return err
	}
	for name, b := range map[string][]byte{"model.bin": weights, "corpus.bin": corpus} {
		path := filepath.Join(c.Dir, name)
		if err := os.WriteFile(path, b, 0o644); err != nil {
			return fault.New(fault.Invalid, "cli.triage.unwritable").With("path", path)
		}
	}
	s.print("cli.triage.trained", "version", model.Version(), "folder", c.Dir, "size", s.words.Number(len(weights)>>10))
	report.Write(s.Out)
	return nil
}
