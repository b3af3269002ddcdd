//! The usage reports of one account and Region: found, created, awaited, read, and deleted.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use amictl_cloud::ops::{
    CreateImageUsageReport, CreateImageUsageReportRequest, DeleteImageUsageReport, DeleteImageUsageReportRequest,
    DescribeImageUsageReportEntries, DescribeImageUsageReportEntriesReply, DescribeImageUsageReports,
    DescribeImageUsageReportsReply, ImageUsageEntry, ImageUsageReport, OfImagesRequest, OfReportsRequest,
};
use amictl_cloud::{Call, CloudError, ErrorClass, PageError, for_each_page};
use amictl_model::{ImageId, Moment, UsageReport};
use futures::stream::{self, StreamExt};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::reader::Tally;
use crate::usage::uses;
use crate::{Reader, UsageSettings};

/// Images or reports that one call may name.
const IDS_PER_CALL_MAX: usize = 200;
/// The first pause between two looks at pending reports; each pause is half as long again as the one before.
const PAUSE_FIRST: Duration = Duration::from_secs(5);
/// The longest such pause.
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// After so many denials in a row no more reports are asked for.
const DENIALS_MAX: u32 = 3;
/// How often a call is sent whose answer was lost; its token keeps it from making a second report.
const ATTEMPTS_MAX: u32 = 3;

/// Gets the reports of one account and Region.
pub(crate) struct Reports<'a> {
    pub(crate) reader: Reader<'a>,
    pub(crate) tally: Tally,
    pub(crate) settings: &'a UsageSettings,
    /// What the client tokens of this scan begin with.
    pub(crate) token: &'a str,
    pub(crate) in_flight: &'a Semaphore,
    pub(crate) deadline: Instant,
    /// What is known by now.
    pub(crate) answers: BTreeMap<ImageId, UsageReport>,
}

/// A report that is used.
#[derive(Clone)]
struct Report {
    id: String,
    image: ImageId,
    made_at: Moment,
    /// Whether it was made for this scan, and so has to be deleted.
    is_ours: bool,
}

impl Reports<'_> {
    /// Gets an answer for each of these images.
    pub(crate) async fn read(&mut self, wanted: &[ImageId]) {
        let found = self.find(wanted).await;
        let known: HashSet<String> = found.iter().map(|report| report.id.clone()).collect();
        let mut usable: HashMap<ImageId, &ImageUsageReport> = HashMap::new();
        for report in found.iter().filter(|report| self.is_usable(report)) {
            let best = usable.entry(report.image.clone()).or_insert(report);
            // One that is there is better than one that is awaited, then a newer one.
            let rank = |report: &ImageUsageReport| (report.state == "available", report.created_at);
            if rank(report) > rank(best) {
                *best = report;
            }
        }
        let others: Vec<Report> = usable.values().filter_map(|report| used(report, false)).collect();
        let missing: Vec<ImageId> = wanted
            .iter()
            .filter(|image| !usable.contains_key(*image) && !self.answers.contains_key(*image))
            .cloned()
            .collect();
        self.use_reports(others).await;
        for images in missing.chunks(self.settings.pending_max.max(1)) {
            if Instant::now() >= self.deadline {
                self.too_late(images);
                continue;
            }
            let made = self.create(images, &known).await;
            self.use_reports(made.clone()).await;
            self.delete(&made).await;
        }
    }

    /// Whether a report that was there before serves: whole, young enough, and there or to be expected.
    fn is_usable(&self, report: &ImageUsageReport) -> bool {
        let max_age_secs = i64::try_from(self.settings.max_age.as_secs()).unwrap_or(i64::MAX);
        !report.is_partial
            && matches!(report.state.as_str(), "available" | "pending")
            && report.created_at.is_some_and(|at| self.reader.clock.now().seconds_since(at) <= max_age_secs)
    }

    /// Finds all reports on these images; an image whose reports cannot be listed is answered for.
    async fn find(&mut self, images: &[ImageId]) -> Vec<ImageUsageReport> {
        let mut found = Vec::new();
        for images in images.chunks(IDS_PER_CALL_MAX) {
            let mut of_chunk = Vec::new();
            let request = OfImagesRequest { images: images.to_vec(), next_token: None };
            let each = |page: DescribeImageUsageReportsReply| of_chunk.extend(page.reports);
            let (cloud, region) = (self.reader.cloud, &self.reader.scope.region);
            let (calls, result) = for_each_page::<DescribeImageUsageReports>(cloud, region, request, each).await;
            self.tally.calls += calls;
            match result {
                Ok(()) => found.append(&mut of_chunk),
                Err(error) => self.fail(images, &error),
            }
        }
        found
    }

    /// Has reports made; `known` are those that were there before.
    async fn create(&mut self, images: &[ImageId], known: &HashSet<String>) -> Vec<Report> {
        let (denials, calls) = (AtomicU32::new(0), AtomicU64::new(0));
        let results: Vec<(&ImageId, Option<Result<String, CloudError>>)> = stream::iter(images)
            .map(|image| {
                let (denials, calls, this) = (&denials, &calls, &*self);
                async move {
                    // The semaphore is never closed.
                    let _permit = this.in_flight.acquire().await;
                    if denials.load(Ordering::Relaxed) >= DENIALS_MAX {
                        return (image, None);
                    }
                    let result = this.create_one(image, calls).await;
                    match &result {
                        Err(error) if error.class == ErrorClass::Denied => denials.fetch_add(1, Ordering::Relaxed),
                        _ => denials.swap(0, Ordering::Relaxed),
                    };
                    (image, Some(result))
                }
            })
            .buffer_unordered(self.reader.concurrency)
            .collect()
            .await;
        self.tally.calls += calls.into_inner();
        let made_at = self.reader.clock.now();
        let mut made = Vec::new();
        let mut unsure = Vec::new();
        for (image, result) in results {
            match result {
                Some(Ok(id)) => made.push(Report { id, image: image.clone(), made_at, is_ours: true }),
                Some(Err(error)) if error.class.may_have_happened() => unsure.push((image.clone(), error)),
                Some(Err(error)) => self.fail(std::slice::from_ref(image), &error.into()),
                None => self.unread(image, "not asked for after several denials"),
            }
        }
        let images: Vec<ImageId> = unsure.iter().map(|(image, _)| image.clone()).collect();
        let found = self.find(&images).await;
        for (image, error) in unsure {
            match found.iter().find(|report| report.image == image && !known.contains(&report.id)) {
                Some(report) => made.extend(used(report, true)),
                None => self.fail(&[image], &error.into()),
            }
        }
        made
    }

    async fn create_one(&self, image: &ImageId, calls: &AtomicU64) -> Result<String, CloudError> {
        // With the moment, so that a report that was made and deleted before is not meant.
        let client_token = format!("{}-{:x}-{image}", self.token, self.reader.clock.now().as_millis());
        // AWS takes up to 64 characters; the end tells tokens apart.
        let client_token = client_token.chars().skip(client_token.chars().count().saturating_sub(64)).collect();
        let request = CreateImageUsageReportRequest { image: image.clone(), client_token };
        let mut attempt = 1;
        loop {
            calls.fetch_add(1, Ordering::Relaxed);
            let region = &self.reader.scope.region;
            match Call::<CreateImageUsageReport>::call(self.reader.cloud, region, request.clone()).await {
                Err(error) if error.class.may_have_happened() && attempt < ATTEMPTS_MAX => attempt += 1,
                result => return result,
            }
        }
    }

    /// Waits for reports and takes down what they say.
    async fn use_reports(&mut self, reports: Vec<Report>) {
        let mut waiting: HashMap<String, Report> =
            reports.into_iter().map(|report| (report.id.clone(), report)).collect();
        let mut pause = PAUSE_FIRST;
        while !waiting.is_empty() {
            let images: Vec<ImageId> = waiting.values().map(|report| report.image.clone()).collect();
            let found = self.find(&images).await;
            waiting.retain(|_, report| !self.answers.contains_key(&report.image));
            let mut ready = Vec::new();
            for found in found {
                match found.state.as_str() {
                    "available" => ready.extend(
                        waiting
                            .remove(&found.id)
                            .map(|report| Report { made_at: found.created_at.unwrap_or(report.made_at), ..report }),
                    ),
                    "error" if waiting.remove(&found.id).is_some() => {
                        let why = found.reason.as_deref().unwrap_or("no reason was given");
                        self.unread(&found.image, &format!("the usage report failed: {why}"));
                    }
                    _ => {}
                }
            }
            self.take_down(&ready).await;
            if waiting.is_empty() {
                return;
            }
            if Instant::now() + pause > self.deadline {
                let images: Vec<ImageId> = waiting.into_values().map(|report| report.image).collect();
                return self.too_late(&images);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 3 / 2).min(PAUSE_MAX);
        }
    }

    /// Reads the entries of reports that are there.
    async fn take_down(&mut self, reports: &[Report]) {
        for reports in reports.chunks(IDS_PER_CALL_MAX) {
            let mut entries: Vec<ImageUsageEntry> = Vec::new();
            let ids = reports.iter().map(|report| report.id.clone()).collect();
            let request = OfReportsRequest { reports: ids, next_token: None };
            let each = |page: DescribeImageUsageReportEntriesReply| entries.extend(page.entries);
            let (cloud, region) = (self.reader.cloud, &self.reader.scope.region);
            let (calls, result) = for_each_page::<DescribeImageUsageReportEntries>(cloud, region, request, each).await;
            self.tally.calls += calls;
            if let Err(error) = result {
                let images: Vec<ImageId> = reports.iter().map(|report| report.image.clone()).collect();
                self.fail(&images, &error);
                continue;
            }
            for report in reports {
                match uses(entries.iter().filter(|entry| entry.report == report.id)) {
                    Ok(uses) => {
                        let read = UsageReport::Read { made_at: report.made_at, uses };
                        self.answers.insert(report.image.clone(), read);
                    }
                    Err(why) => self.unread(&report.image, &why),
                }
            }
        }
    }

    /// Deletes the reports that were made for this scan; one that stays expires after 30 days.
    async fn delete(&mut self, reports: &[Report]) {
        let ours = reports.iter().filter(|report| report.is_ours);
        let results: Vec<(&Report, Result<(), CloudError>)> = stream::iter(ours)
            .map(|report| {
                let this = &*self;
                async move {
                    let _permit = this.in_flight.acquire().await;
                    let request = DeleteImageUsageReportRequest { report: report.id.clone() };
                    let region = &this.reader.scope.region;
                    (report, Call::<DeleteImageUsageReport>::call(this.reader.cloud, region, request).await)
                }
            })
            .buffer_unordered(self.reader.concurrency)
            .collect()
            .await;
        self.tally.calls += results.len() as u64;
        for (report, result) in results {
            if let Err(error) = result
                && error.class != ErrorClass::NotFound
            {
                self.tally.note(format!("the usage report {} could not be deleted: {error}", report.id));
            }
        }
    }

    /// These images cannot be answered for, because of this.
    fn fail(&mut self, images: &[ImageId], error: &PageError) {
        self.tally.fail(error);
        for image in images {
            self.answers.insert(image.clone(), UsageReport::Unreadable(error.to_string().into()));
        }
    }

    fn unread(&mut self, image: &ImageId, why: &str) {
        self.tally.unresolved(format!("{image}: {why}"));
        self.answers.insert(image.clone(), UsageReport::Unreadable(why.into()));
    }

    fn too_late(&mut self, images: &[ImageId]) {
        let why = format!("no usage report was there after {} minutes", self.settings.wait_max.as_secs() / 60);
        for image in images {
            self.unread(image, &why);
        }
    }
}

fn used(report: &ImageUsageReport, is_ours: bool) -> Option<Report> {
    let made_at = report.created_at?;
    Some(Report { id: report.id.clone(), image: report.image.clone(), made_at, is_ours })
}
