package projections

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"clew/domain"
	"clew/tracing"
)

// V1 loses 500 to M. 200 leave at minute 45, 200 more at minute 52; the hold,
// asked for 500, lands at minute 60 and finds 100.
func slowHold(t *testing.T) (*memoryLog, frozen) {
	log := opened(t)
	log.tell(t, "C1", domain.Observe(theft("C1", 40, "V1", "M", "500.00")), domain.Observe(pay("C1", 45, "M", "N", "200.00")),
		domain.Observe(pay("C1", 52, "M", "N", "200.00")), domain.Observe(pay("C1", 58, "N", "cash:ATM", "300.00")))
	f := frozen{t, log, "C1"}
	f.request("F1", 42, domain.FreezeRequested{Account: "M", Amount: sum("500.00"), Victims: []domain.VictimID{"V1"}})
	f.hold("F1", 60, "100.00")
	log.tell(t, "C1", domain.FreezeReleased{News: news("F1", 70)})
	return log, f
}

func TestTenMinutesEarlierWouldHaveHeldMore(t *testing.T) {
	log, _ := slowHold(t)
	views := see(t, log)
	minutes := func(list ...int) (minus []time.Duration) {
		for _, m := range list {
			minus = append(minus, time.Duration(m)*time.Minute)
		}
		return minus
	}
	r, err := views.Replay(context.Background(), Ask{Case: "C1"}, "F1", minutes(0, 5, 10, 15, 17, 25)...)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range r.Curve {
		line := fmt.Sprintf("%s: %s traced %s", Minutes(e.Minus), eur.Format(e.Held), eur.Format(e.Traced))
		for _, v := range e.Victims {
			line += fmt.Sprintf(" %s %s", v.Victim, eur.Format(v.Units))
		}
		for _, h := range e.Hops {
			line += fmt.Sprintf(" hop %d %s", h.Hop, eur.Format(h.Traced))
		}
		got = append(got, line)
	}
	want := []string{
		"0: 100.00 traced 100.00 V1 100.00 hop 1 0.00 hop 2 100.00", // the hold has landed
		"5: 100.00 traced 100.00 V1 100.00 hop 1 100.00 hop 2 400.00",
		"10: 300.00 traced 300.00 V1 300.00 hop 1 300.00 hop 2 200.00", // the 200 of minute 52 were there yet
		"15: 300.00 traced 300.00 V1 300.00 hop 1 300.00 hop 2 200.00", // at the very minute of the first payment, recorded before the hold
		"17: 500.00 traced 500.00 V1 500.00 hop 1 500.00",
		"25: 500.00 traced 500.00 V1 500.00", // before the loss: what came was expected
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if r.Hop != 1 || r.Told == nil || *r.Told != amount("100.00").Units {
		t.Errorf("%+v", r)
	}
}

func TestAReplayNeedsAHoldWithItsTime(t *testing.T) {
	log, f := slowHold(t)
	f.request("F2", 61, domain.FreezeRequested{Account: "N", Amount: sum("1.00")})
	f.request("F3", 61, domain.FreezeRequested{Account: "N", Amount: sum("1.00")})
	log.tell(t, "C1", domain.FreezeHeld{News: domain.News{Freeze: "F3", At: domain.Date(2024, 2, 3)}, Amount: sum("1.00")})
	views := see(t, log)
	for freeze, want := range map[domain.FreezeID]string{"F9": "no freeze F9", "F2": "never held", "F3": "only the day is known"} {
		if _, err := views.Replay(context.Background(), Ask{Case: "C1"}, freeze); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", freeze, err)
		}
	}
	if _, err := views.Replay(context.Background(), Ask{Case: "C1"}, "F1", -time.Minute); domain.ClassOf(err) != domain.ClassUsage {
		t.Errorf("later: %v", err)
	}
	if r, err := views.Replay(context.Background(), Ask{Case: "C1", Rule: tracing.ProRata}, "F1"); err != nil || len(r.Curve) != len(UsualCurve()) {
		t.Errorf("%+v, %v", r, err)
	}
}
