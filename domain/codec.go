package domain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
)

// EncodeEvent gives an event's canonical JSON: the keys in the order of the
// struct, no white space, no HTML escapes.
func EncodeEvent(e Event) ([]byte, error) {
	if m, ok := MovementOf(e); ok && !feeOfNothing(e) {
		return AppendObserved(make([]byte, 0, 512), &m), nil
	}
	body, err := plainJSON(e)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", e.Kind(), err)
	}
	return body, nil
}

// feeOfNothing says that an event has a fee of no asset, which a movement does
// not have: as a movement it would lose it.
func feeOfNothing(e Event) bool {
	var fee *Amount
	switch e := e.(type) {
	case TransferObserved:
		fee = e.Fee
	case ConversionObserved:
		fee = e.Fee
	case ReturnObserved:
		fee = e.Fee
	}
	return fee != nil && !fee.Given()
}

// plainJSON writes a value without HTML escapes, in nested values too.
func plainJSON(value any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimRight(buffer.Bytes(), "\n"), nil
}

// UnknownKind is an event kind that this clew does not know: the log was
// written by a newer one. Nothing is skipped; the reader must stop.
type UnknownKind struct{ Name string }

func (e *UnknownKind) Error() string {
	return fmt.Sprintf("event kind %q is not known to this clew: a newer one wrote it; update clew before reading this log", e.Name)
}

// DecodeEvent reads an event of a kind, upcasting what older versions wrote.
// Unknown fields are refused: they would be facts that nobody takes notice of.
func DecodeEvent(kind string, body []byte) (Event, error) {
	decode, ok := decoders()[kind]
	if !ok {
		return nil, &UnknownKind{kind}
	}
	event, err := decode(body)
	if err == nil {
		err = whole(event)
	}
	if err != nil {
		return nil, fmt.Errorf("event %s cannot be read: %w", kind, err)
	}
	return event, nil
}

// whole refuses an event without the parts that every one of its kind has
// always had: it was not written by clew.
func whole(e Event) error {
	m, observed := MovementOf(e)
	switch e := e.(type) {
	case MovementCorrected:
		if e.Now.Movement.Kind == "" {
			return errors.New("a correction without the movement as it should read")
		}
	case RatePublished:
		if e.Day.IsZero() {
			return errors.New("a rate without its day")
		}
	case freezeEvent:
		if _, news, _ := e.step(); news.At.IsZero() || news.Freeze == "" {
			return errors.New("a step of a freeze without its freeze or its time")
		}
		if extended, ok := e.(FreezeExtended); ok && extended.Until.IsZero() {
			return errors.New("a hold that is extended to no time")
		}
	case ReimbursementRecorded:
		if e.At.IsZero() {
			return errors.New("a reimbursement without its time")
		}
	case ReviewSet:
		if e.Due.IsZero() {
			return errors.New("a review without its day")
		}
	case NoticeLinked:
		if e.Issued.IsZero() {
			return errors.New("a notice without its day")
		}
	case TokenIssued:
		return wholeSecret(e.Hash, e.Expires)
	case LinkIssued:
		return wholeSecret(e.Hash, e.Expires)
	case UserSignedIn:
		return wholeSecret(e.Session, e.Expires)
	default:
		if observed && m.When.IsZero() {
			return errors.New("a movement without its time")
		}
	}
	return nil
}

// wholeSecret refuses a way in that nothing opens, or that is open for ever.
func wholeSecret(hash SecretHash, expires When) error {
	if hash == "" || expires.IsZero() {
		return errors.New("a way in without its hash or its end")
	}
	return nil
}

// Kinds lists every kind that can be read, today's and older ones.
func Kinds() []string {
	var kinds []string
	for _, e := range vocabulary() {
		kinds = append(kinds, e.zero.Kind())
	}
	return kinds
}

// entry ties an event to the function that reads it. A new event is a struct,
// one row here, and one golden JSON in testdata/events.
type entry struct {
	zero   Event
	decode func([]byte) (Event, error)
}

func vocabulary() []entry {
	return slices.Concat(caseVocabulary(), largerVocabulary(), linkVocabulary())
}

// linkVocabulary is the kinds by which cases of several teams meet.
func linkVocabulary() []entry {
	return []entry{
		{CaseAssigned{}, as[CaseAssigned]},
		{IdentifierNoted{}, as[IdentifierNoted]},
		{IdentifierWithdrawn{}, as[IdentifierWithdrawn]},
	}
}

// largerVocabulary is the kinds about the larger picture.
func largerVocabulary() []entry {
	return []entry{
		{ScamDescribed{}, as[ScamDescribed]},
		{ScamWithdrawn{}, as[ScamWithdrawn]},
		{OperationDescribed{}, as[OperationDescribed]},
		{OperationJoined{}, as[OperationJoined]},
		{OperationLeft{}, as[OperationLeft]},
		{NoticeLinked{}, as[NoticeLinked]},
		{NoticeUnlinked{}, as[NoticeUnlinked]},
		{CentreDescribed{}, as[CentreDescribed]},
		{CentreWithdrawn{}, as[CentreWithdrawn]},
		{CentreLinked{}, as[CentreLinked]},
		{CentreUnlinked{}, as[CentreUnlinked]},
		{CrimeFlagged{}, as[CrimeFlagged]},
		{CrimeUnflagged{}, as[CrimeUnflagged]},
	}
}

// caseVocabulary is the kinds about a case and its money.
func caseVocabulary() []entry {
	return []entry{
		{CaseOpened{}, as[CaseOpened]},
		{CaseNoted{}, as[CaseNoted]},
		{CaseLinked{}, as[CaseLinked]},
		{CaseClosed{}, as[CaseClosed]},
		{EvidenceFiled{}, as[EvidenceFiled]},
		{LineRejected{}, as[LineRejected]},
		{AccountDescribed{}, as[AccountDescribed]},
		{AccountIdentified{}, as[AccountIdentified]},
		{VictimRegistered{}, as[VictimRegistered]},
		{OpeningObserved{}, as[OpeningObserved]},
		{BalanceObserved{}, as[BalanceObserved]},
		{TransferObserved{}, as[TransferObserved]},
		{ConversionObserved{}, as[ConversionObserved]},
		{ReturnObserved{}, as[ReturnObserved]},
		{HopObserved{}, as[HopObserved]},
		{MovementCorrected{}, as[MovementCorrected]},
		{MovementWithdrawn{}, as[MovementWithdrawn]},
		{MovementJoined{}, as[MovementJoined]},
		{MovementSeparated{}, as[MovementSeparated]},
		{PaymentReported{}, as[PaymentReported]},
		{ReportWithdrawn{}, as[ReportWithdrawn]},
		{LabelAttached{}, as[LabelAttached]},
		{LabelWithdrawn{}, as[LabelWithdrawn]},
		{AssetRegistered{}, as[AssetRegistered]},
		{RuleLocked{}, as[RuleLocked]},
		{RatePublished{}, as[RatePublished]},
		{FreezeLimitSet{}, as[FreezeLimitSet]}, {IndicatorSet{}, as[IndicatorSet]},
		{FreezeRequested{}, as[FreezeRequested]},
		{FreezeApproved{}, as[FreezeApproved]},
		{FreezeSubmitted{}, as[FreezeSubmitted]},
		{FreezeWithdrawn{}, as[FreezeWithdrawn]},
		{FreezeAcknowledged{}, as[FreezeAcknowledged]},
		{FreezeAnswered{}, as[FreezeAnswered]},
		{FreezeHeld{}, as[FreezeHeld]},
		{FreezeExtended{}, as[FreezeExtended]},
		{FreezeReleased{}, as[FreezeReleased]},
		{FreezeExpired{}, as[FreezeExpired]},
		{FreezeReturned{}, as[FreezeReturned]},
		{FreezeSeized{}, as[FreezeSeized]},
		{FreezeRestored{}, as[FreezeRestored]},
		{FreezeTransferred{}, as[FreezeTransferred]},
		{FreezeRejected{}, as[FreezeRejected]},
		{FreezeContested{}, as[FreezeContested]},
		{FreezeDecided{}, as[FreezeDecided]},
		{ReimbursementRecorded{}, as[ReimbursementRecorded]},
		{ReimbursementWithdrawn{}, as[ReimbursementWithdrawn]},
		{KeyAdopted{}, as[KeyAdopted]},
		{PersonRegistered{}, as[PersonRegistered]},
		{FindingNoted{}, as[FindingNoted]},
		{ReviewSet{}, as[ReviewSet]},
		{HandlingSet{}, as[HandlingSet]},
		{LegalHoldPlaced{}, as[LegalHoldPlaced]},
		{LegalHoldLifted{}, as[LegalHoldLifted]},
		{PersonalRestricted{}, as[PersonalRestricted]},
		{PersonalErased{}, as[PersonalErased]},
		{UserAdmitted{}, as[UserAdmitted]},
		{UserRoleGiven{}, as[UserRoleGiven]},
		{UserRemoved{}, as[UserRemoved]},
		{UserJoinedCase{}, as[UserJoinedCase]},
		{UserLeftCase{}, as[UserLeftCase]},
		{TokenIssued{}, as[TokenIssued]},
		{TokenRevoked{}, as[TokenRevoked]},
		{LinkIssued{}, as[LinkIssued]},
		{UserSignedIn{}, as[UserSignedIn]},
		{UserSignedOut{}, as[UserSignedOut]},
	}
}

// decoders finds the reader by kind; sync.OnceValue builds it at first use.
var decoders = sync.OnceValue(readers)

func readers() map[string]func([]byte) (Event, error) {
	byKind := map[string]func([]byte) (Event, error){}
	for _, e := range vocabulary() {
		byKind[e.zero.Kind()] = e.decode
	}
	return byKind
}

func as[E Event](body []byte) (Event, error) {
	var event E
	strict := json.NewDecoder(bytes.NewReader(body))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&event); err != nil {
		return nil, err
	}
	if _, err := strict.Token(); err != io.EOF {
		return nil, fmt.Errorf("there is more after the event's end")
	}
	return event, nil
}
