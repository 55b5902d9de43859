//! Movement with few parameters, in ten lines: the reference of the state machine test.

/// Two tiers above the base.
#[derive(Debug, Clone)]
pub struct Plan {
    pub entry: [i64; 3],
    pub keep: [i64; 3],
    pub window: i64,
    pub term: i64,
    /// 0: none.
    pub grace: i64,
    pub one_step: bool,
}

#[derive(Debug, Clone)]
pub struct Reference {
    pub plan: Plan,
    pub today: i64,
    pub bought: Vec<(i64, i64)>,
    pub tier: usize,
    pub since: i64,
    pub end: i64,
    pub grace: Option<i64>,
}

impl Reference {
    fn spend(&self) -> i64 {
        let inside = |day: &i64| *day > self.today - self.plan.window && *day <= self.today;
        self.bought
            .iter()
            .filter(|(day, _)| inside(day))
            .map(|(_, amount)| amount)
            .sum()
    }

    fn qualified(&self) -> usize {
        (0..3)
            .rev()
            .find(|t| self.spend() >= self.plan.entry[*t])
            .unwrap_or(0)
    }

    fn begin(&mut self, tier: usize, day: i64) {
        (self.tier, self.since, self.end, self.grace) = (tier, day, day + self.plan.term, None);
    }

    /// The close of today.
    pub fn close(&mut self) {
        if self.qualified() > self.tier {
            self.begin(self.qualified(), self.today);
        } else if self.grace.is_some() && self.spend() >= self.plan.keep[self.tier] {
            self.grace = None;
            while self.end <= self.today {
                self.end += self.plan.term;
            }
        }
    }

    /// From today to tomorrow, with today's numbers.
    pub fn turn(&mut self) {
        let tomorrow = self.today + 1;
        let lost = if self.tier == 0 || self.grace.is_none() && self.end != tomorrow {
            false
        } else if self.grace.is_some() {
            self.grace == Some(tomorrow)
        } else if self.spend() >= self.plan.keep[self.tier] {
            self.end += self.plan.term;
            false
        } else {
            self.grace = (self.plan.grace > 0).then(|| tomorrow + self.plan.grace);
            self.grace.is_none()
        };
        if lost {
            let lower = if self.plan.one_step {
                self.tier - 1
            } else {
                self.qualified()
            };
            self.begin(lower, tomorrow);
        }
        self.today = tomorrow;
    }
}
